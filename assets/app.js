// Progressive enhancement only: every page works with this file blocked.
(() => {
  'use strict';
  document.documentElement.classList.add('js');

  const toast = document.getElementById('toast');
  let clearing;
  const say = (text) => {
    if (!toast) return;
    toast.textContent = text;
    toast.classList.add('on');
    clearTimeout(clearing);
    clearing = setTimeout(() => toast.classList.remove('on'), 2200);
  };

  // Where the clipboard is not allowed (plain http, browsers inside apps) the text is selected and copied the old way.
  const words = (node) => (node.value ?? node.textContent).trim();
  const copy = async (node) => {
    if (!words(node)) { node.focus(); return false; }
    try {
      await navigator.clipboard.writeText(words(node));
      return true;
    } catch { /* the old way */ }
    if (node.select) {
      node.select();
      try { return document.execCommand('copy'); } catch { return false; }
    }
    const selection = getSelection();
    const range = document.createRange();
    range.selectNodeContents(node);
    selection.removeAllRanges();
    selection.addRange(range);
    try { return document.execCommand('copy'); } catch { return false; }
  };

  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button[data-copy]');
    if (!button) return;
    const node = document.getElementById(button.dataset.copy);
    if (!node || !await copy(node)) return;
    const label = button.querySelector('span');
    const was = label.textContent;
    label.textContent = button.dataset.copied;
    button.classList.add('is-done');
    say(button.dataset.copied);
    setTimeout(() => { label.textContent = was; button.classList.remove('is-done'); }, 1800);
  });

  // The phone's share sheet and the clipboard's reading are offered only where the browser has them.
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('button[data-share], button[data-paste]');
    if (!button) return;
    const node = document.getElementById(button.dataset.share ?? button.dataset.paste);
    if (!node) return;
    if ('share' in button.dataset) {
      if (words(node)) navigator.share({ text: words(node) }).catch(() => {}); else node.focus();
      return;
    }
    const text = await navigator.clipboard.readText().catch(() => '');
    if (text.trim()) node.value = text.trim();
    node.focus();
  });
  if (navigator.share) document.querySelectorAll('[data-share]').forEach((button) => { button.hidden = false; });
  if (navigator.clipboard?.readText) document.querySelectorAll('[data-paste]').forEach((button) => { button.hidden = false; });

  // Own words stay in this browser tab: they have no name, so no form sends them, and they survive a form that comes back.
  document.querySelectorAll('textarea[data-keep]').forEach((area) => {
    const key = `words:${location.pathname}`;
    const count = document.getElementById(area.dataset.keep);
    const show = () => { if (count) count.textContent = count.dataset.text.replace('0', [...area.value].length); };
    try { area.value = sessionStorage.getItem(key) ?? area.value; } catch { /* no storage */ }
    show();
    area.addEventListener('input', () => {
      show();
      try { sessionStorage.setItem(key, area.value); } catch { /* no storage */ }
    });
  });

  // A form is sent once; a second press while the answer is on its way does nothing.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    addEventListener('pageshow', () => { delete form.dataset.sent; }, { once: true });
  });

  // A campaign's page follows its counts. Figures come with each event; the pictures are fetched with the page, at most every five seconds.
  const live = document.querySelector('[data-live]');
  if (live && 'EventSource' in window) {
    let mark;
    let waiting = false;
    const redraw = async () => {
      waiting = false;
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      for (const part of live.querySelectorAll('[data-part]')) {
        const drawn = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
        if (drawn && !part.contains(document.activeElement)) part.replaceChildren(...drawn.childNodes);
      }
    };
    const source = new EventSource(live.dataset.live);
    source.onmessage = (event) => {
      const { texts, bars, mark: now } = JSON.parse(event.data);
      for (const node of live.querySelectorAll('[data-n]')) if (node.dataset.n in texts) node.textContent = texts[node.dataset.n];
      for (const node of live.querySelectorAll('[data-bar]')) if (node.dataset.bar in bars) [node.value, node.max] = bars[node.dataset.bar];
      if (mark !== undefined && mark !== now && !waiting) { waiting = true; setTimeout(redraw, 5000); }
      mark = now;
    };
    addEventListener('pagehide', () => source.close());
  }
  // A text's length as its platform counts it, while it is written.
  const measure = (area) => {
    const shown = document.querySelector(`[data-count="${area.id}"]`);
    const limit = Number(area.dataset.limit);
    if (!shown || !limit) return;
    let text = area.value.trim();
    if (area.dataset.address) text = text.replace(/(^|\s)https?:\/\/\S+/g, (_, gap) => gap + 'x'.repeat(Number(area.dataset.address)));
    const length = [...text].length;
    shown.textContent = `${length} / ${limit}`;
    shown.classList.toggle('over', length > limit);
  };
  document.addEventListener('input', (event) => { if (event.target.dataset.limit) measure(event.target); });

  // Whom a wave would ask, counted again when something in its form changed.
  let looking;
  document.addEventListener('change', (event) => {
    const form = event.target.closest('form[data-look]');
    const look = document.getElementById('look');
    if (!form || !look) return;
    clearTimeout(looking);
    looking = setTimeout(async () => {
      try {
        const answer = await fetch(form.dataset.look, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
        if (answer.ok) look.innerHTML = await answer.text();
      } catch { /* the button does the same */ }
    }, 400);
  });

  document.querySelector('[data-autofocus]')?.focus();
})();
