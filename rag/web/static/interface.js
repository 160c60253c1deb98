// One script for the pieces of HTML. `data-action` says what a button does. A new question comes to
// the top, with room below it for its answer; a clause comes into view, on a page too narrow for
// two columns only if the reader opened it. What the reader unfolded stays unfolded. Conversations
// are kept in this browser alone: the current one for its tab, earlier ones until they are deleted.
const [MOST_KEPT, LONGEST_TITLE] = [50, 80];

// Below a path of a site, what is kept is told apart from that of its other applications.
const named = (key) => `tiaowen${location.pathname.length > 1 ? location.pathname : '.'}${key}`;
const store = {
  get(where, key) {
    try { return JSON.parse(where.getItem(named(key))); } catch { return null; }
  },
  set(where, key, value) {
    try { where.setItem(named(key), JSON.stringify(value)); return true; } catch { return false; }
  },
};
// A browser may forbid a page to keep anything, by an error at the name itself.
const within = (name) => { try { return window[name]; } catch { return null; } };
const [tab, browser] = [within('sessionStorage'), within('localStorage')];
const box = () => document.querySelector('#question textarea');
const worded = () => document.querySelector('.masthead')?.dataset ?? {};

// What the pieces share, made by the first.
const page = (window.tiaowen ??= {
  unfolded: new Map(store.get(tab, 'unfolded') ?? []),
  opening: new URLSearchParams(location.search).has('clause'),
  openedFrom: null, arrived: false, lost: false, name: '', news: '', asked: '', panel: '',
  only: [], choices: 0, askedAgain: 0, takenOff: null,
});

// --- keeping conversations ---

const keeping = () => store.get(browser, 'keeping') !== false;
const earlier = () => {
  const held = store.get(browser, 'conversations');
  return Array.isArray(held) ? held.filter((one) => one && typeof one.kept === 'string') : [];
};

function keep(text) {
  try { tab.setItem(named('conversation'), text); } catch { /* a reload will begin anew */ }
  const told = JSON.parse(text);
  page.name = told.name;
  if (!told.turns.length || !keeping()) return fillEarlier();
  const held = earlier();
  const before = held.find((one) => one.name === told.name);
  if (before?.kept !== text) {
    const title = told.turns[0].question.slice(0, LONGEST_TITLE);
    const others = held.filter((one) => one !== before);
    const all = [{ name: told.name, title, at: Date.now(), kept: text }, ...others];
    let kept = all.slice(0, MOST_KEPT);
    // The oldest make room where the browser gives no more.
    while (kept.length && !store.set(browser, 'conversations', kept)) kept = kept.slice(0, -1);
    if (!kept.length) announce(document.querySelector('#earlier .kept')?.dataset.full);
  }
  fillEarlier();
}

function fillEarlier() {
  const part = document.querySelector('#earlier .kept');
  if (!part) return;
  const held = earlier();
  const language = document.documentElement.lang;
  const rows = held.map((one) => {
    const row = document.createElement('li');
    const [open, away, when] = ['button', 'button', 'small'].map((name) => document.createElement(name));
    open.type = away.type = 'button';
    open.className = 'reopen';
    away.className = 'tool';
    [open.dataset.action, away.dataset.action] = ['reopen', 'delete'];
    open.dataset.name = away.dataset.name = one.name;
    if (one.name === page.name) open.setAttribute('aria-current', 'true');
    when.textContent = new Date(one.at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
    open.append(String(one.title), ' ', when);
    away.textContent = part.dataset.delete;
    away.setAttribute('aria-label', `${part.dataset.delete}: ${one.title}`);
    row.append(open, away);
    return row;
  });
  if (!rows.length) {
    const row = document.createElement('li');
    row.className = 'small';
    row.textContent = part.dataset.none;
    rows.push(row);
  }
  part.querySelector('ul').replaceChildren(...rows);
  part.querySelector('[data-action="keeping"]').checked = keeping();
  part.querySelector('[data-action="forget"]').disabled = !held.length;
  document.querySelector('#earlier .count').textContent = held.length;
}

// `names`: the conversations to delete. The current one, once deleted, is left too.
function forget(names) {
  store.set(browser, 'conversations', earlier().filter((one) => !names.includes(one.name)));
  if (names.includes(page.name)) trigger('start_new');
  fillEarlier();
}

function fold() {
  const open = document.querySelector('#earlier details');
  if (open) open.open = false;
}

// --- telling ---

function announce(text) {
  let region = document.getElementById('announced');
  if (!region) {
    region = document.createElement('div');
    region.id = 'announced';
    region.className = 'unseen';
    region.setAttribute('role', 'status');
    document.body.append(region);
  }
  if (text !== undefined && region.textContent !== text) region.textContent = text;
}

async function copied(button, text) {
  await copyText(button, text);
  announce(button.dataset.done);
}

function without(parameter) {
  const address = new URL(location.href);
  if (!address.searchParams.has(parameter)) return;
  address.searchParams.delete(parameter);
  history.replaceState(history.state, '', address);
}

// --- the connection ---

async function answers() {
  try {
    const reply = await fetch('health', { cache: 'no-store', signal: AbortSignal.timeout(4000) });
    page.server = reply.headers.get('x-tiaowen-server');
    return reply.ok;
  } catch { return false; }
}

// Whether one has to sign in, by now, to go on.
async function isSignedOut() {
  try {
    return (await fetch('manifest.json', { cache: 'no-store' })).status === 401;
  } catch { return false; }
}

// Another server, or one that was started anew, knows nothing of the page: it is loaded anew, with
// the conversation that is kept here. A question that was put to it is asked once it is there.
function comeAgain(question) {
  const before = store.get(tab, 'came') ?? 0;
  // Where no server stays the page's own, this would not end.
  if (Date.now() - before < 3000) { banner(worded().failed); return; }
  store.set(tab, 'came', Date.now());
  if (question) {
    box().value = question;
    store.set(tab, 'again', true);
  }
  location.reload();
}

// The page is loaded anew when a lost server is back: it knows nothing of the page that waited.
async function watchConnection() {
  let missed = 0;
  page.look = async () => {
    if (await answers()) {
      missed = 0;
      if (page.lost) location.reload();
      return;
    }
    missed += 1;
    if (missed < 2 || page.lost) return;
    page.lost = true;
    banner(worded().lost);
  };
  for (;;) {
    await new Promise((done) => { setTimeout(done, page.lost || missed ? 1000 : 5000); });
    if (!document.hidden || page.lost) await page.look();
  }
}

// One sentence over the whole page; '' takes it away.
function banner(text) {
  let told = document.getElementById('told');
  if (!text) { told?.remove(); return; }
  if (!told) {
    told = document.createElement('p');
    told.id = 'told';
    told.setAttribute('role', 'alert');
    document.body.prepend(told);
  }
  told.textContent = text;
}

// The framework's own messages are hidden, for they are in its words; ours say what to do.
function watchMessages() {
  new MutationObserver(() => {
    const shown = document.querySelector(
      ':is([data-testid="toast-body"], [data-testid="status-tracker"] .error):not([data-told])',
    );
    if (!shown) return;
    shown.dataset.told = 'yes';
    if (!page.lost) banner(worded().failed);
    page.look().then(page.look).then(() => {
      // Of several servers another one answers now; what it was asked here is kept to ask again.
      if (!page.lost && page.server && page.server !== worded().server) comeAgain('');
    });
    // What is typed is kept, and the conversation is: one signs in and goes on.
    isSignedOut().then((out) => { if (out) location.reload(); });
  }).observe(document.body, { childList: true, subtree: true });
}

if (!page.watching) {
  page.watching = true;
  announce();
  watchConnection();
  watchMessages();
  // What was being typed outlives a reload.
  window.addEventListener('pagehide', () => {
    const edited = document.querySelector('#chips .editing');
    store.set(tab, 'draft', edited ? '' : box()?.value ?? '');
  });
  window.addEventListener('storage', fillEarlier);
  // Back closes a clause that the reader opened, and Forward opens it again.
  window.addEventListener('popstate', ({ state }) => {
    page.opening = Boolean(state?.clause);
    if (state?.clause) page.converse?.('open_clause', state.clause);
    else {
      page.converse?.('close_clause');
      actions.back();
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.target !== box()) return;
    document.querySelector('#chips [data-action="keep-as-is"]')?.click();
  });
}

// --- the documents that are asked ---

// What the reader has ticked last counts; what the server shows of it may be a click older.
function choose(documents) {
  without('document');
  page.only = documents;
  page.choices += 1;
  trigger('choose_documents', { documents, number: page.choices });
  announce(showChoice());
}
function showChoice() {
  const told = document.querySelector('#chips [data-only]');
  clearTimeout(page.askedAgain);
  if (told && Number(told.dataset.number) >= page.choices) {
    page.choices = Number(told.dataset.number);
    page.only = JSON.parse(told.dataset.only);
  } else if (told) {
    // Two replies may overtake each other, and the older one stay: the last choice is told again.
    const again = { documents: page.only, number: page.choices };
    page.askedAgain = setTimeout(() => trigger('choose_documents', again), 1000);
  }
  const list = document.querySelector('#limit .limit');
  if (!list) return undefined;
  for (const tick of list.querySelectorAll('[data-action="tick"]')) tick.checked = page.only.includes(tick.value);
  const count = page.only.length;
  const name = count ? list.dataset.some.replace('{count}', count) : list.dataset.all;
  list.querySelector('summary span').textContent = name;
  return name;
}
// Who takes off one document by the keyboard may go on with the next.
function afterTakingOff() {
  if (page.takenOff === null || !element.querySelector('[data-only]')) return;
  const left = element.querySelectorAll('[data-action="take-off"]');
  (left[Math.min(page.takenOff, left.length - 1)] ?? box()).focus();
  page.takenOff = null;
}
function foldChoice() {
  const list = document.querySelector('#limit .limit');
  if (list) list.open = false;
}
element.addEventListener('input', ({ target }) => {
  if (!target.matches('[data-filter]')) return;
  const words = target.value.toLowerCase().split(/\s+/);
  const rows = [...element.querySelectorAll('li[data-words]')];
  for (const row of rows) row.hidden = !words.every((word) => row.dataset.words.includes(word));
  const none = element.querySelector('.none');
  none.textContent = rows.every((row) => row.hidden) ? none.dataset.none : '';
});
element.addEventListener('keydown', (event) => {
  const list = event.key === 'Escape' && event.target.closest('details.limit');
  if (!list) return;
  list.open = false;
  list.querySelector('summary').focus();
});

// --- judgements ---

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
// A field that is shown anew while somebody types in it has the focus again.
element.addEventListener('focusin', ({ target }) => { page.field = target.id; });
element.addEventListener('focusout', ({ target }) => {
  setTimeout(() => { if (target.isConnected) page.field = ''; });
});
function refocus() {
  const field = page.field && document.activeElement === document.body && element.querySelector(`#${page.field}`);
  if (!field) return;
  field.focus({ preventScroll: true });
  field.setSelectionRange?.(field.value.length, field.value.length);
}
element.addEventListener('submit', (event) => {
  event.preventDefault();
  judge({ turn: event.target.dataset.turn, act: 'send' }, event.target);
});

// --- what buttons do ---

const actions = {
  open(button) {
    [page.openedFrom, page.opening] = [button, true];
    const opened = { turn: Number(button.dataset.turn), clause: button.dataset.clause, n: Number(button.dataset.n) };
    const [old, state] = [history.state, { ...history.state, clause: opened }];
    // One step back, however many are opened one after the other.
    if (old?.clause) history.replaceState(state, '');
    else history.pushState(state, '');
    trigger('open_clause', opened);
  },
  ask(button) { trigger('ask_example', { question: button.dataset.question }); },
  again() { trigger('ask_again'); },
  edit(button) { trigger('edit_question', { turn: Number(button.dataset.turn) }); },
  'keep-as-is'() { trigger('leave_as_is'); box().focus(); },
  anywhere() { choose([]); foldChoice(); box().focus(); },
  chosen() { foldChoice(); box().focus(); },
  'take-off'(button) {
    const all = [...element.querySelectorAll('[data-action="take-off"]')];
    page.takenOff = all.indexOf(button);
    choose(page.only.filter((one) => one !== button.dataset.document));
  },
  'ask-in-all'(button) { trigger('ask_in_all', { turn: Number(button.dataset.turn) }); },
  language(button) {
    const { language } = button.dataset;
    const path = location.pathname.replace(/(.)[/]$/, '$1');
    document.cookie = `tiaowen_language=${language}; Path=${path}; SameSite=Lax; Max-Age=31536000`;
    trigger('choose_language', { language });
  },
  leaf(button) {
    page.opening = true;
    trigger('leaf', { step: Number(button.dataset.step) });
  },
  link(button) {
    const address = new URL(location.pathname, location.origin);
    if (worded().collection) address.searchParams.set('collection', worded().collection);
    address.searchParams.set('clause', button.dataset.clause);
    copied(button, address.href);
  },
  export(button) { trigger('save', { kind: button.dataset.kind }); },
  copy(button) { copied(button, button.dataset.text); },
  judge(button) { judge(button.dataset); },
  back() {
    if (!page.openedFrom?.isConnected) { box().focus(); return; }
    page.openedFrom.scrollIntoView({ block: 'center' });
    page.openedFrom.focus({ preventScroll: true });
  },
  new() { without('clause'); trigger('start_new'); fold(); box().focus(); },
  reopen(button) {
    const held = earlier().find((one) => one.name === button.dataset.name);
    if (held) trigger('restore', { kept: held.kept });
    fold();
    element.querySelector('summary').focus();
  },
  delete(button) {
    const rows = [...element.querySelectorAll('[data-action="delete"]')];
    const place = rows.indexOf(button);
    forget([button.dataset.name]);
    const left = element.querySelectorAll('[data-action="delete"]');
    (left[Math.min(place, left.length - 1)] ?? element.querySelector('summary')).focus();
  },
  forget() {
    if (!window.confirm(element.querySelector('.kept').dataset.sure)) return;
    forget(earlier().map((one) => one.name));
    element.querySelector('summary').focus();
  },
};
element.addEventListener('click', (event) => {
  const summary = event.target.closest('summary');
  if (summary?.parentElement.dataset.key) {
    page.unfolded.set(summary.parentElement.dataset.key, !summary.parentElement.open);
    store.set(tab, 'unfolded', [...page.unfolded]);
  }
  const button = event.target.closest('button[data-action]');
  if (button) actions[button.dataset.action](button);
});
element.addEventListener('change', ({ target }) => {
  const { action } = target.dataset;
  if (target.id === 'collection') {
    for (const parameter of ['document', 'clause', 'q']) without(parameter);
    trigger('choose_collection', { collection: target.value });
  }
  if (action === 'keeping') store.set(browser, 'keeping', target.checked);
  if (action === 'tick') {
    const others = page.only.filter((one) => one !== target.value);
    choose(target.checked ? [...others, target.value] : others);
  }
});
// The sentences of an opened clause are one stop of the keyboard; arrows lead from one to the next.
element.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
  if (!step || !event.target.matches('.pair')) return;
  event.preventDefault();
  const next = event.target[step];
  if (!next?.matches('.pair')) return;
  [event.target.tabIndex, next.tabIndex] = [-1, 0];
  next.focus();
});

// --- when the server has changed a piece ---

function conversationChanged(section) {
  const { name, news } = section.dataset;
  const shown = element.querySelectorAll('.turn');
  const last = shown[shown.length - 1]?.querySelector('.question');
  const asked = `${name} ${shown.length} ${last?.textContent.replace(/^[^:]*:/, '')}`;
  if (page.shownName && page.shownName !== name) {
    // Folds of another conversation's turns.
    for (const key of [...page.unfolded.keys()]) if (key.includes('-')) page.unfolded.delete(key);
  }
  page.shownName = name;
  if (last && asked !== page.asked) {
    foldChoice();
    shown[shown.length - 1].scrollIntoView({ block: 'start' });
    // Whoever asks at once what the address asks does so before the page has settled.
    const addressed = new URL(location.href).searchParams.get('q');
    if (page.arrived || (addressed && last.textContent.trim().endsWith(addressed.trim()))) without('q');
    if (page.arrived) {
      // The button that asked may be gone; the keyboard goes on from the question.
      if (document.activeElement === document.body) last.focus({ preventScroll: true });
    }
  }
  page.asked = asked;
  if (!page.lost) banner('');
  if (page.arrived && news !== page.news) announce(news);
  page.news = news;
}

function arrive() {
  page.arrived = true;
  const draft = store.get(tab, 'draft');
  const again = store.get(tab, 'again');
  store.set(tab, 'again', false);
  if (!draft || box().value) return;
  box().value = draft;
  box().dispatchEvent(new Event('input', { bubbles: true }));
  if (again) setTimeout(() => document.querySelector('button#ask, #ask button')?.click(), 100);
}

function panelChanged(panel) {
  if (panel.dataset.opening === page.panel) return;
  page.panel = panel.dataset.opening;
  const [heading, mark] = [panel.querySelector('h2'), panel.querySelector('mark')];
  const side = element.closest('#side');
  side.scrollTop = 0;
  if (mark) {
    const below = mark.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
    side.scrollTop = Math.max(0, below + 24);
  }
  if (!page.opening) return;
  page.opening = false;
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: side.scrollTop ? 'nearest' : 'start' });
  if (mark) mark.scrollIntoView({ block: 'nearest' });
}

watch('value', () => {
  const file = element.querySelector('a[download]');
  if (file && file.dataset.number !== element.dataset.saved) {
    element.dataset.saved = file.dataset.number;
    file.click();
  }
  const named = element.querySelector('.masthead');
  if (named) {
    document.documentElement.lang = named.dataset.language;
    document.body.classList.add('language-known');
    // The address leads back to the collection that is asked, whatever it led to before.
    const address = new URL(location.href);
    if (!named.dataset.collection) without('collection');
    else if (address.searchParams.get('collection') !== named.dataset.collection) {
      address.searchParams.set('collection', named.dataset.collection);
      history.replaceState(history.state, '', address);
    }
    if (!page.arrived) setTimeout(arrive, 100);
  }
  const section = element.querySelector('.conversation');
  if (section) {
    page.converse = trigger;
    conversationChanged(section);
  }
  for (const details of element.querySelectorAll('details[data-key]'))
    if (page.unfolded.has(details.dataset.key)) details.open = page.unfolded.get(details.dataset.key);
  if (element.querySelector('.earlier')) fillEarlier();
  const again = element.querySelector('[data-come-again]');
  if (again) comeAgain(again.dataset.comeAgain);
  const told = element.querySelector('[data-conversation]');
  if (told) keep(told.dataset.conversation);
  const editing = element.querySelector('.editing');
  if (editing && !element.dataset.editing)
    setTimeout(() => { box().focus(); box().setSelectionRange(box().value.length, box().value.length); }, 60);
  if (element.querySelector('.chip') || element.dataset.editing) element.dataset.editing = editing ? 'yes' : '';
  if (element.querySelector('[data-only], .limit')) showChoice();
  afterTakingOff();
  showJudging();
  refocus();
  const panel = element.querySelector('.panel[data-opening]');
  if (panel) panelChanged(panel);
});
