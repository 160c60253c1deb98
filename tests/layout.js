// What a person would call broken in the page as it stands: it scrolls sideways, text stands out of
// the window, is cut off by its frame, or lies over other text or under a control. One line for each.
// Text that is scrolled out of sight is not looked at, nor is a sticky part held against what lies
// under it.
() => {
  const faults = new Set();
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.add(`the page scrolls sideways: ${root.scrollWidth} px`);
  const name = (one) => (one.id ? `#${one.id}` : [one.localName, ...one.classList].join('.'));
  const hushed = '.unseen, .skip:not(:focus), script, style, noscript, option, title';
  const seen = (one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && !one.closest(hushed);
  const scrolls = (style, axis) => ['auto', 'scroll'].includes(style[`overflow${axis}`]);
  const hides = (style, axis) => ['hidden', 'clip'].includes(style[`overflow${axis}`]);
  const fields = 'textarea, input, select';

  for (const one of document.querySelectorAll('body *')) {
    if (!seen(one)) continue;
    const wide = one.scrollWidth - one.clientWidth > 1;
    if (wide && scrolls(getComputedStyle(one), 'X') && !one.matches(`[role="region"], ${fields}`))
      faults.add(`${name(one)} scrolls sideways`);
    if (one.matches('textarea') && !one.value && one.scrollHeight > one.clientHeight + 2)
      faults.add(`the hint in ${name(one)} is cut off`);
  }

  // A stretch of text as it is seen: null where it is scrolled out of sight.
  function inSight(box, parent, said) {
    const rect = { left: box.left, right: box.right, top: box.top, bottom: box.bottom };
    let inside = true;
    for (let one = parent; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.display === 'inline' || style.display === 'contents') continue;
      const frame = one.getBoundingClientRect();
      for (const [axis, low, high] of [['X', 'left', 'right'], ['Y', 'top', 'bottom']]) {
        const least = axis === 'X' ? 2 : box.height / 4;
        const out = Math.max(frame[low] - rect[low], rect[high] - frame[high]);
        if (scrolls(style, axis)) {
          if (axis === 'X' && one.matches('[role="region"]')) inside = false;
          rect[low] = Math.max(rect[low], frame[low]);
          rect[high] = Math.min(rect[high], frame[high]);
          if (rect[low] >= rect[high]) return null;
        } else if (hides(style, axis) && out > least) faults.add(`“${said}” is cut off by ${name(one)}`);
      }
    }
    if (inside && (rect.left < -1 || rect.right > innerWidth + 1))
      faults.add(`“${said}” stands out of the window`);
    return rect;
  }

  const layer = (one) => {
    for (; one && one !== document.body; one = one.parentElement)
      if (['sticky', 'fixed'].includes(getComputedStyle(one).position)) return one;
    return null;
  };
  const covers = (a, b) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    return across > 3 && down > Math.min(a.bottom - a.top, b.bottom - b.top) / 2;
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const said = node.textContent.trim();
    if (!said || !seen(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const rect = box.width && inSight(box, node.parentElement, said.slice(0, 40));
      if (rect) texts.push({ rect, node, said: said.slice(0, 40), layer: layer(node.parentElement) });
    }
  }
  texts.forEach((a, place) => {
    for (const b of texts.slice(place + 1))
      if (a.node !== b.node && a.layer === b.layer && covers(a.rect, b.rect))
        faults.add(`“${a.said}” and “${b.said}” lie over each other`);
  });
  for (const control of document.querySelectorAll(`button, a, summary, ${fields}`)) {
    if (!seen(control)) continue;
    const own = layer(control);
    for (const box of control.getClientRects()) {
      const rect = inSight(box, control.parentElement, name(control));
      if (!rect) continue;
      for (const text of texts)
        if (!control.contains(text.node) && text.layer === own && covers(rect, text.rect))
          faults.add(`${name(control)} lies over “${text.said}”`);
    }
  }
  return [...faults];
}
