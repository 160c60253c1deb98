// What the plain pages gain by a script; they work without it. Contents are unfolded where there is
// room for them, sentences can be walked through by arrow keys, links copied, files measured before
// they are sent, what was typed kept when the language is switched, and the progress of indexing followed.
(() => {
  const contents = document.querySelector('.contents details');
  if (contents && matchMedia('(min-width: 1024px)').matches) contents.open = true;
  if (contents)
    contents.addEventListener('click', (event) => {
      const narrow = !matchMedia('(min-width: 1024px)').matches;
      if (narrow && event.target.closest('a')) contents.open = false;
    });

  // The first sentence of each article is reached by Tab, the others from it.
  const pairs = [...document.querySelectorAll('.two > .pair')];
  for (const pair of pairs) pair.tabIndex = pair.previousElementSibling ? -1 : 0;
  document.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const place = step ? pairs.indexOf(document.activeElement) : -1;
    if (place < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = pairs[place + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  const quote = document.querySelector('.single mark.quote');
  if (quote && !location.hash) quote.scrollIntoView({ block: 'nearest' });

  for (const button of document.querySelectorAll('[data-copy-link]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      copyText(button, new URL(button.dataset.copyLink, location.href).href);
    });
  }

  const upload = document.querySelector('form.upload');
  if (upload)
    upload.addEventListener('submit', (event) => {
      const sizes = [...upload.querySelector('input[type="file"]').files].map((file) => file.size);
      const { mostFiles, mostFileBytes, mostBytes, tooMuch, sending } = upload.dataset;
      const tooMany = sizes.length > Number(mostFiles)
        || Math.max(...sizes) > Number(mostFileBytes)
        || sizes.reduce((sum, size) => sum + size, 0) > Number(mostBytes);
      if (tooMany) event.preventDefault();
      else upload.querySelector('button').disabled = true;
      upload.querySelector('.sending').textContent = tooMany ? tooMuch : sending;
    });
  // These take a while; the button that was pressed is sent with the form, so it stays enabled.
  const slow = [...document.querySelectorAll('form:is(.check, .bring)')];
  for (const form of slow)
    form.addEventListener('submit', () => {
      form.querySelector('.sending').textContent = form.dataset.sending;
    });
  // A page that comes back from the browser's memory can send again.
  window.addEventListener('pageshow', () => {
    for (const form of [upload, ...slow]) {
      if (!form) continue;
      form.querySelector('button').disabled = false;
      form.querySelector('.sending').textContent = '';
    }
  });

  // What was typed and not yet sent outlives a change of language.
  const typed = [...document.querySelectorAll('main form:is(.metadata, .search, .check, .checked) [name]:not(button):not([type=file])')];
  const key = `tiaowen.typed ${location.pathname}`;
  try {
    const values = JSON.parse(sessionStorage.getItem(key)) ?? [];
    sessionStorage.removeItem(key);
    typed.forEach((field, place) => { if (field.name === values[place]?.[0]) [, field.value] = values[place]; });
    for (const link of document.querySelectorAll('.switch a'))
      link.addEventListener('click', () => {
        sessionStorage.setItem(key, JSON.stringify(typed.map((field) => [field.name, field.value])));
      });
  } catch { /* the browser keeps nothing */ }

  const work = document.querySelector('[data-work]');
  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  async function follow() {
    let told;
    try {
      told = await (await fetch(work.dataset.work)).json();
    } catch {
      return setTimeout(follow, 10000);  // the server may be starting again
    }
    if (!told.held) return undefined;
    say(work.querySelector('.doing'), told.text);
    const far = work.querySelector('.how-far');
    const bar = far.querySelector('progress');
    far.hidden = !told.stage;
    if (told.total) [bar.max, bar.value] = [told.total, told.done];
    else bar.removeAttribute('value');
    say(far.querySelector('span'), told.count);
    const trouble = work.querySelector('.trouble');
    trouble.hidden = !told.fault;
    say(trouble, told.fault || '');
    const states = new Map(told.held.map((one) => [one.id, one]));
    for (const row of document.querySelectorAll('[data-held]')) {
      const state = states.get(row.dataset.held);
      if (!state) { if (row.tagName === 'LI') row.remove(); continue; }
      say(row.querySelector('.state'), state.text);
      row.querySelector('.read').hidden = !state.searchable;
    }
    const more = told.stage || told.held.some((one) => !one.settled);
    return setTimeout(follow, more ? 1500 : 10000);
  }
  if (work) follow();
})();
