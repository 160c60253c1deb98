// Copies text for a button, which says so for a moment in the words of its `data-done`. Stands before
// the script of the chat and that of the plain pages.
async function copyText(button, text) {
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
    button.focus();
  }
  // Copied again meanwhile, it says "copied" still.
  button.dataset.before ??= button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = button.dataset.before; }, 1500);
}
