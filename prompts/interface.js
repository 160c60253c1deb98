// One script for the three pieces of HTML. `data-action` says what a button does. A new question
// comes to the top, with room below it for its answer; a clause comes into view, on a page too
// narrow for two columns only if the reader opened it. What the reader unfolded stays unfolded.
const unfolded = new Map();
async function copy(button) {
  const { text, done } = button.dataset;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not every browser lets a page that came without TLS use the clipboard.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  const name = button.textContent;
  button.textContent = done;
  setTimeout(() => { button.textContent = name; }, 1500);
}
// A judgement's form. Words not yet sent stay as typed, however often the page is shown anew; the
// focus goes to where the reader goes on: the form, its thanks, or back to the thumbs.
const typed = new Map();
let [acted, judgings] = ['', ''];
const nameOf = (field) => `${field.dataset.typed} ${field.name}`;
function judge({ turn, act }, form = null) {
  if (form || act === 'cancel')
    for (const name of [...typed.keys()]) if (name.startsWith(`${turn} `)) typed.delete(name);
  acted = act;
  const filled = form ? Object.fromEntries(new FormData(form)) : {};
  trigger('judge', { ...filled, turn: Number(turn), act });
}
function showJudging() {
  for (const field of element.querySelectorAll('[data-typed]')) {
    const value = typed.get(nameOf(field)) ?? field.dataset.value;
    if (field.value !== value) field.value = value;
  }
  const place = element.querySelector('[data-judging]');
  if (!place || place.dataset.judging === judgings) return;
  judgings = place.dataset.judging;
  if (place.matches('form')) place.querySelector('select').focus();
  else if (place.matches('[role="group"]'))
    (place.querySelector(`[data-act="${acted}"]`) ?? place.querySelector('button')).focus();
  else if (acted !== 'up') place.focus();
}
element.addEventListener('input', ({ target }) => {
  if (target.dataset.typed) typed.set(nameOf(target), target.value);
});
element.addEventListener('submit', (event) => {
  event.preventDefault();
  judge({ turn: event.target.dataset.turn, act: 'send' }, event.target);
});
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-action]');
  const summary = event.target.closest('summary');
  if (summary) unfolded.set(summary.parentElement.dataset.key, !summary.parentElement.open);
  if (!button) return;
  const { action, turn, clause, n, question, language } = button.dataset;
  if (action === 'open') {
    [window.openedFrom, window.opening] = [button, true];
    trigger('open_clause', { turn: Number(turn), clause, n: Number(n) });
  } else if (action === 'ask') trigger('ask_example', { question });
  else if (action === 'language') trigger('choose_language', { language });
  else if (action === 'leaf') {
    window.opening = true;
    trigger('leaf', { step: Number(button.dataset.step) });
  } else if (action === 'export') trigger('save', { kind: button.dataset.kind });
  else if (action === 'copy') copy(button);
  else if (action === 'judge') judge(button.dataset);
  else if (action === 'back' && window.openedFrom) {
    window.openedFrom.scrollIntoView({ block: 'center' });
    window.openedFrom.focus({ preventScroll: true });
  }
});
let [turns, opening] = [0, ''];
watch('value', () => {
  const file = element.querySelector('a[download]');
  if (file && file.dataset.number !== element.dataset.saved) {
    element.dataset.saved = file.dataset.number;
    file.click();
  }
  for (const details of element.querySelectorAll('details[data-key]'))
    if (unfolded.has(details.dataset.key)) details.open = unfolded.get(details.dataset.key);
  showJudging();
  const named = element.querySelector('.masthead');
  if (named) document.documentElement.lang = named.dataset.language;
  if (named) document.body.classList.add('language-known');
  const shown = element.querySelectorAll('.turn');
  if (shown.length > turns) shown[shown.length - 1].scrollIntoView({ block: 'start' });
  turns = shown.length;
  const panel = element.querySelector('.panel[data-opening]');
  if (!panel || panel.dataset.opening === opening) return;
  opening = panel.dataset.opening;
  const [heading, mark] = [panel.querySelector('h2'), panel.querySelector('mark')];
  const side = element.closest('#side');
  side.scrollTop = 0;
  if (mark) {
    const below = mark.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
    side.scrollTop = Math.max(0, below + 24);
  }
  if (!window.opening) return;
  window.opening = false;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: side.scrollTop ? 'nearest' : 'start' });
  if (mark) mark.scrollIntoView({ block: 'nearest' });
});
