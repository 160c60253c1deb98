// Keys that belong to an input method, which composes with them: no handler of any page acts on them,
// the framework's neither. Some browsers send the key that ends a composition after its end, as 229.
// Stands before the script of the chat and that of the plain pages, first of all.
if (!window.tiaowenComposing) {
  window.tiaowenComposing = true;
  for (const kind of ['keydown', 'keypress', 'keyup'])
    window.addEventListener(kind, (event) => {
      if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
    }, true);
}
