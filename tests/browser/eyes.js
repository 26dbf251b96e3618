// What a person sees on a page: words and controls by their visible names. Knows no ids and no class names.
// Runs inside the page; `eyes` is what the harness calls. Names are compared after NFKC, without decoration.
const norm = (text) => (text ?? "").normalize("NFKC").replace(/\s+/g, " ").trim();

// Without ※必須 and other marks, without arrows and pencils, without brackets around the whole.
const bare = (text) => {
  let name = norm(text).replace(/\s*※.*$/, "").replace(/\s*\*$/, "");
  name = name.replace(/^[←→↑↓✎✕×✓+<>|]\s*/, "").replace(/\s*[←→↑↓✎✕×✓+<>▼|]$/, "");
  return name.replace(/^\(([^()]*)\)$/, "$1").trim();
};

// Nothing hidden, nothing folded away, nothing of one pixel for screen readers only.
const seen = (element) => {
  if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true })) return false;
  for (let at = element; at && at !== document.body; at = at.parentElement) {
    const box = at.getBoundingClientRect();
    const clips = at === element || getComputedStyle(at).overflow === "hidden";
    if (clips && (box.width <= 1 || box.height <= 1)) return false;
  }
  return true;
};

const text = (element) => {
  if (element instanceof HTMLSelectElement) return norm([...element.selectedOptions].map((o) => o.text).join(" "));
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let all = "";
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("script, style, option") || !seen(parent)) continue;
    const inline = getComputedStyle(parent).display.startsWith("inline") || parent === element;
    all += inline ? walker.currentNode.data : ` ${walker.currentNode.data} `;
  }
  return norm(all);
};

const all = (selector, root = document) => [...root.querySelectorAll(selector)].filter(seen);
const main = () => document.querySelector("main") ?? document.body;

// The names of the groups around an element: legends, captions, headings of blocks, named regions.
const groups = (element) => {
  const names = [];
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (at.matches("fieldset, table, details, section, article, form, dl, tr, [role=group], [role=region]")) {
      const title = at.querySelector(":scope > legend, :scope > caption, :scope > summary, :scope > h2, :scope > h3, :scope > header > h2");
      if (title) names.push(bare(title.textContent));
      if (at.ariaLabel) names.push(bare(at.ariaLabel));
      if (at.matches("tr")) names.push(...[...at.cells].map((cell) => bare(text(cell))));
    }
  }
  return names;
};

const inside = (element, group) => !group || groups(element).includes(bare(group));

const controlNames = (control) => {
  const names = [...(control.labels ?? [])].map((label) => bare(label.textContent));
  if (control.ariaLabel) names.push(bare(control.ariaLabel));
  for (const id of (control.getAttribute("aria-labelledby") ?? "").split(/\s+/)) {
    if (id && document.getElementById(id)) names.push(bare(document.getElementById(id).textContent));
  }
  const fieldset = control.closest("fieldset");
  const legend = fieldset?.querySelector(":scope > legend");
  if (legend && controls(fieldset).length === 1) names.push(bare(legend.textContent));
  return names;
};

const controls = (root = document) =>
  all("input:not([type=hidden]):not([type=submit]):not([type=button]), select, textarea", root);

const only = (found, what) => {
  if (found.length > 1) throw new Error(`${found.length} of them on this page: ${what}`);
  return found[0] ?? null;
};

const name = (element) => bare(element.ariaLabel || (element.matches("input") ? element.value : text(element)));
const live = (element) => !element.disabled && element.ariaDisabled !== "true";
const pressable = "a[href], button, summary, input[type=submit]";

return {
  // A text box, select or check box by its name. Kinds: text, select, check.
  control(kind, label, group) {
    const fits = {
      text: (c) => c.matches("textarea, input:not([type=checkbox]):not([type=radio])"),
      select: (c) => c.matches("select"),
      check: (c) => c.matches("[type=checkbox], [type=radio]"),
    }[kind];
    const found = controls().filter((c) => fits(c) && inside(c, group) && controlNames(c).includes(bare(label)));
    return only(found, label);
  },
  // The check box of the row with these words in one of its cells.
  box_of_row(...words) {
    const rows = all("tbody tr").filter((row) => words.every((word) => [...row.cells].some((cell) => text(cell) === norm(word))));
    return only(rows.flatMap((row) => all("[type=checkbox]", row)), words.join(" "));
  },
  options(select) {
    return [...select.options].map((option) => norm(option.text));
  },
  option(select, label) {
    return only([...select.options].filter((option) => bare(option.text) === bare(label)), label);
  },
  chosen(select) {
    return text(select);
  },
  // A link or button. Places: menu (header and navigation), page (everything else).
  pressable(place, label) {
    const inMenu = (e) => !!e.closest("header, nav") && !e.closest("main");
    const found = all(pressable).filter(
      (e) => live(e) && inMenu(e) === (place === "menu") && name(e) === bare(label),
    );
    const places = new Set(found.map((e) => e.href ?? e));
    return places.size === 1 ? found[0] : only(found, label);
  },
  // Whether pressing it leads to another page (or the same one anew).
  leaves(element) {
    if (element.matches("a")) return element.href.split("#")[0] !== location.href.split("#")[0] || !element.hash;
    return !!element.form && element.type === "submit";
  },
  root() {
    return document.documentElement;
  },
  // The words of everything that can be pressed, in order.
  pressables(place) {
    const root = place === "menu" ? "body > header, body > nav" : "main";
    return all(root).flatMap((part) => all(pressable, part).map(name));
  },
  heading() {
    const found = all("h1")[0];
    return found ? text(found) : null;
  },
  ready() {
    return document.readyState === "complete";
  },
  banners() {
    return all("[role=status], [role=alert]").map(text).filter(Boolean);
  },
  problems() {
    return all("[role=alert] li").map(text);
  },
  // Everything written on the page.
  words() {
    return text(document.body);
  },
  // The value beside (or below) a label: dt/dd, th/td, label and output.
  value(label, group) {
    const found = all("dt, th, span, label, div, p, legend, strong", main()).filter(
      (e) =>
        !e.closest("thead") && e.nextElementSibling && seen(e.nextElementSibling) &&
        inside(e, group) && bare(text(e)) === bare(label),
    );
    const innermost = found.filter((e) => !found.some((other) => other !== e && e.contains(other)));
    const values = [...new Set(innermost.map((e) => text(e.nextElementSibling)))];
    if (values.length > 1) throw new Error(`${label} has several values: ${values.join(" | ")}`);
    return values[0] ?? null;
  },
  // A table as rows of cells by the column's heading; the first column's link is what one clicks.
  table(group) {
    const table = only(all("table", main()).filter((t) => !group || [...groups(t), bare(t.caption?.textContent)].includes(bare(group))), group);
    if (!table) return null;
    const columns = [...table.tHead.rows[0].cells].map((cell) => bare(cell.textContent));
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    return { columns, rows: rows.map((row) => [...row.cells].map(text)) };
  },
  // Labels of the page in reading order, each with its block: head, or the heading above it.
  labels() {
    let block = "head";
    const found = [];
    for (const e of all("h2, dt, thead th, tbody th", main())) {
      if (e.matches("h2")) block = bare(text(e));
      else if (e.matches("dt, th") && bare(text(e))) found.push([block, bare(text(e))]);
    }
    return found;
  },
  // How wide the document is, and how wide its window; and what reaches out of it.
  width() {
    const root = document.scrollingElement;
    const reach = all("body *").filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1)
      .map((e) => `${e.localName} ${norm(e.textContent).slice(0, 30)}`);
    return { document: root.scrollWidth, window: root.clientWidth, height: root.scrollHeight, reach: reach.slice(0, 5) };
  },
  // Whether a screen of an application leads to its help; messages about failures need none.
  helped() {
    return !document.querySelector(".brand small") || !!document.querySelector(".failure, .how a[href^='/help/']");
  },
  // The build of the page without its words: pages of the same build need one audit only.
  build() {
    const main = document.querySelector("main") ?? document.body;
    const tags = [...main.querySelectorAll("*")].map((e) => e.localName + (e.role ?? "") + (e.className?.baseVal ?? e.className));
    return [...new Set(tags)].sort().join(" ");
  },
};
