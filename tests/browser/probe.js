// Looks at the page from inside, for tests/browser/probes.rs.
window.probe = (() => {
  const name = (e) => `<${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''} class="${e.getAttribute('class') ?? ''}"> ${(e.textContent || e.name || '').trim().slice(0, 40)}`;

  const scrolls = (e) => {
    for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    }
    return false;
  };
  const overflow = () => {
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over <= 0) return [];
    const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 && !scrolls(e));
    return [`${over} px too wide at 320: ${out.slice(-3).map(name).join(', ')}`];
  };

  const isStop = (e) => {
    if (e.disabled || e.tabIndex < 0 || e.type === 'hidden' || e.closest('[inert]')) return false;
    if (!e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false;
    if (e.type === 'radio' && e.name) {
      const group = [...document.querySelectorAll('input[type=radio]')].filter((r) => r.name === e.name && r.form === e.form && !r.disabled);
      if ((group.find((r) => r.checked) ?? group[0]) !== e) return false;
    }
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  // A focus ring: the element's own, or that of the label or neighbour that stands for it.
  const hasRing = (e) => [e, e.nextElementSibling, e.closest('label'), e.parentElement].some((x) => {
    if (!x) return false;
    const style = getComputedStyle(x);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  });
  // WCAG 2.4.11: not entirely hidden. Something of it is on top at one of nine points.
  const isHidden = (e) => {
    const box = e.getClientRects()[0] ?? e.getBoundingClientRect();
    for (const x of [0.1, 0.5, 0.9]) {
      for (const y of [0.1, 0.5, 0.9]) {
        const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
        if (hit && (e.contains(hit) || hit.contains(e) && hit !== document.documentElement && hit !== document.body)) return false;
        if (hit && e.labels && [...e.labels].some((label) => label.contains(hit))) return false;
      }
    }
    return true;
  };

  let expected = [], seen = new Set(), faults = [];
  const begin = () => {
    expected = [...document.querySelectorAll('a[href],button,input,select,textarea,summary,iframe,[tabindex]')].filter(isStop);
    seen = new Set();
    faults = [];
    document.activeElement?.blur();
    return expected.length;
  };
  const stop = () => {
    const e = document.activeElement;
    if (e && e !== document.body && !seen.has(e)) {
      seen.add(e);
      if (e.tagName !== 'IFRAME' && !hasRing(e)) faults.push(`the focus does not show on ${name(e)}`);
      // What has the focus lies in a document of its own, whose scrolling reaches this one later.
      if (e.tagName === 'IFRAME') e.scrollIntoView({ block: 'nearest', behavior: 'instant' });
      if (isHidden(e)) faults.push(`something lies over the focused ${name(e)}`);
    }
    return expected.every((e) => seen.has(e));
  };
  const end = () => faults.concat(expected.filter((e) => !seen.has(e)).map((e) => `Tab does not reach ${name(e)}`));
  return { overflow, begin, stop, end };
})();
