// Moving a wave by drag: it fills in the form that every wave's "move" page has too, and sends it.
(() => {
  'use strict';
  const form = document.getElementById('move');
  if (!form) return;
  let dragged;
  const dayOf = (node) => node.closest?.('[data-day]');
  const days = (from, to) => Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 86400000);

  document.addEventListener('dragstart', (event) => {
    dragged = event.target.closest?.('[data-wave]');
    if (!dragged) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged.dataset.wave);
    dragged.classList.add('dragged');
  });
  document.addEventListener('dragend', () => {
    dragged?.classList.remove('dragged');
    document.querySelectorAll('.over').forEach((node) => node.classList.remove('over'));
    dragged = undefined;
  });
  document.addEventListener('dragover', (event) => {
    const day = dayOf(event.target);
    if (!dragged || !day) return;
    event.preventDefault();
    document.querySelectorAll('.over').forEach((node) => node !== day && node.classList.remove('over'));
    day.classList.add('over');
  });
  document.addEventListener('drop', async (event) => {
    const day = dayOf(event.target);
    const wave = dragged;
    if (!wave || !day) return;
    event.preventDefault();
    const away = days(dayOf(wave).dataset.day, day.dataset.day);
    if (!away) return;
    const [date, time] = wave.dataset.local.split('T');
    const moved = new Date(Date.parse(`${date}T00:00Z`) + away * 86400000).toISOString().slice(0, 10);
    // The version that this page was made of: a campaign that somebody changed meanwhile is not moved.
    const values = { campaign: wave.dataset.campaign, wave: wave.dataset.wave, version: wave.dataset.version, local: `${moved}T${time}`, zone: wave.dataset.zone };
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    form.requestSubmit();
  });
})();
