// A plain editor: line numbers, Tab and Shift+Tab, kept indentation, Ctrl+Enter sends. Escape lets Tab leave the field.
// What is typed is kept in the browser until it is replaced, so that a reload loses nothing; it is sent on demand only.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const area = parentElement.querySelector("textarea");
  const numbers = parentElement.querySelector(".numbers");
  const button = parentElement.querySelector("button");
  const note = parentElement.querySelector(".note");
  const place = `greenroom-code-${data.interview}`;
  let leaving = false;

  const remembered = () => {
    try { return localStorage.getItem(place); } catch { return null; } // storage may be forbidden
  };
  const remember = () => {
    try { localStorage.setItem(place, area.value); } catch { /* then a reload starts from what was sent */ }
  };
  const draw = () => {
    const lines = area.value.split("\n").length;
    numbers.textContent = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
    numbers.scrollTop = area.scrollTop;
    const long = area.value.length > data.most;
    button.disabled = long || !area.value.trim();
    note.textContent = long ? `${area.value.length} characters; ${data.most} fit into one answer.` : "";
  };
  const changed = () => { draw(); remember(); };
  const send = () => { if (!button.disabled) setTriggerValue("sent", area.value); };
  const insert = (text) => {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    changed();
  };
  const indent = (back) => {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const end = area.selectionEnd;
    const block = area.value.slice(start, end);
    const moved = back ? block.replace(/^ {1,4}|^\t/gm, "") : block.replace(/^/gm, "    ");
    area.setRangeText(moved, start, end, "select");
    changed();
  };

  if (area.dataset.interview !== data.interview) {
    area.dataset.interview = data.interview;
    area.value = remembered() ?? data.first;
  }
  area.oninput = changed;
  area.onscroll = () => { numbers.scrollTop = area.scrollTop; };
  area.onblur = () => { leaving = false; };
  area.onkeydown = (event) => {
    if (event.key === "Escape") { leaving = true; return; }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); return; }
    if (event.isComposing || leaving) return;
    if (event.key === "Tab") {
      event.preventDefault();
      const several = area.value.slice(area.selectionStart, area.selectionEnd).includes("\n");
      if (event.shiftKey || several) indent(event.shiftKey); else insert("    ");
    } else if (event.key === "Enter") {
      event.preventDefault();
      const line = area.value.slice(area.value.lastIndexOf("\n", area.selectionStart - 1) + 1, area.selectionStart);
      const deeper = /[:{]\s*$|\b(?:then|do)\s*$/.test(line) ? "    " : "";
      insert("\n" + line.match(/^[ \t]*/)[0] + deeper);
    }
  };
  button.onclick = send;
  draw();
}
