// Comfort only: every page works without this file.
"use strict";

// A form is sent once, however often the button is pressed. Coming back with the back button frees it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// What was typed into a page of fields is not left by accident; the browser asks in its own words.
let unsaved = null;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.method === "post" && form.querySelector(".rows")) unsaved = form;
});
document.addEventListener("submit", (event) => { if (event.target === unsaved && !event.defaultPrevented) unsaved = null; });
addEventListener("beforeunload", (event) => { if (unsaved?.isConnected) event.preventDefault(); });

// 表示数 changes at once.
for (const form of document.querySelectorAll("[data-auto]")) form.addEventListener("change", () => form.requestSubmit());

// What a choice leaves to choose from elsewhere: a workshop asks only its own agents.
for (const box of document.querySelectorAll("[data-offers]")) {
  const offers = JSON.parse(box.dataset.offers);
  const by = box.querySelector(`[name="${box.dataset.by}"]`);
  const narrow = () => {
    for (const [name, values] of Object.entries(offers[by.value] ?? {})) {
      for (const option of box.querySelectorAll(`[name="${name}"] option`)) {
        option.hidden = option.disabled = option.value !== "" && !option.selected && !values.includes(option.value);
      }
    }
  };
  by?.addEventListener("change", () => setTimeout(narrow));
  narrow();
}

// A choice that settles others, such as the agent of a workshop. They can still be chosen otherwise.
for (const box of document.querySelectorAll("[data-presets]")) {
  const presets = JSON.parse(box.dataset.presets);
  box.addEventListener("change", (event) => {
    if (event.target.name !== box.dataset.by) return;
    for (const [name, value] of Object.entries(presets[event.target.value] ?? {})) {
      box.querySelector(`[name="${name}"]`).value = value;
    }
  });
}

// A value goes to the clipboard, and the button says so for a moment.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    const label = button.textContent;
    button.textContent = "コピー済";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// What is typed in the other width is converted when the field is left, as the rule beside it says.
const kana = (text) => text.replace(/[\uff61-\uff9f]+/g, (run) => run.normalize("NFKC"));
const shifted = (text, from, by) => text.replace(from, (c) => String.fromCharCode(c.charCodeAt(0) + by));
const widths = {
  full: (text) => shifted(kana(text).replace(/[‐‑‒–−]/g, "-").replace(/\u301c/g, "~").replace(/¥/g, "￥"), /[!-~]/g, 0xfee0).replace(/ /g, "\u3000"),
  half: (text) => shifted(text, /[！-～]/g, -0xfee0).replace(/\u3000/g, " ").replace(/[‐-―−]/g, "-"),
  name: (text) => kana(text).replace(/\s+/g, " ").replace(/\(/g, "（").replace(/\)/g, "）"),
};
document.addEventListener("change", (event) => {
  const box = event.target;
  const convert = widths[box.dataset?.width];
  if (!convert) return;
  const typed = box.value.trim();
  box.value = convert(typed);
  let said = box.parentElement.querySelector(".converted");
  if (!said) {
    said = document.createElement("p");
    said.className = "converted";
    said.setAttribute("role", "status");
    box.after(said);
  }
  said.textContent = box.value === typed ? "" : `変換しました：「${typed}」→「${box.value}」`;
});

// Check boxes of a whole list.
for (const all of document.querySelectorAll("input[data-all]")) {
  const boxes = [...document.getElementsByName(all.dataset.all)].filter((box) => box.type === "checkbox" && !box.disabled);
  all.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  for (const box of boxes) box.addEventListener("change", () => { all.checked = boxes.every((one) => one.checked); });
}

// What was chosen so far, and how much it is together; the page that asks says so anyway.
for (const sum of document.querySelectorAll("output[data-sum]")) {
  const add = () => {
    const chosen = [...document.getElementsByName(sum.dataset.sum)].filter((box) => box.checked);
    const amount = chosen.reduce((total, box) => total + Number(box.dataset.amount), 0);
    sum.hidden = false;
    sum.textContent = `選択中 ${chosen.length}件　合計 ${amount.toLocaleString("ja-JP")}円`;
  };
  document.addEventListener("change", add);
  addEventListener("pageshow", add);
}

// Detailed conditions: as the address says, else as this reader left them; on phones folded at first. What is in use is
// never hidden. Folding is written into the address, and into every address of the page that leads back to the list.
for (const fold of document.querySelectorAll("details[data-fold]")) {
  const form = fold.closest("form");
  const here = (link) => link.pathname === location.pathname && link.search;
  const say = (state) => {
    try { localStorage.setItem("fold", state); } catch { /* not allowed to keep anything */ }
    const address = new URL(location);
    address.searchParams.set("details", state);
    history.replaceState(history.state, "", address);
    if (!form.elements.details) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "details" }));
    }
    for (const input of document.getElementsByName("details")) input.value = state;
    for (const link of document.querySelectorAll("main a[href]")) {
      const to = new URL(link.href);
      if (!here(to) && !to.searchParams.has("details")) continue;
      to.searchParams.set("details", state);
      link.href = to;
    }
  };
  if (!fold.dataset.fold) {
    let kept = null;
    try { kept = localStorage.getItem("fold"); } catch { /* as above */ }
    if (kept ? kept !== "open" : matchMedia("(max-width: 760px)").matches) fold.open = false;
  }
  fold.querySelector("summary").addEventListener("click", () => say(fold.open ? "closed" : "open"));
}

// Where a table fits its box, its heading stays in view; the box needs no place in the tab order then.
const fit = () => {
  for (const box of document.querySelectorAll(".scroll")) {
    box.classList.remove("fits");
    const fits = box.scrollWidth <= box.clientWidth;
    box.classList.toggle("fits", fits);
    box.tabIndex = fits ? -1 : 0;
  }
};
fit();
addEventListener("resize", fit);

// What unfolds over the page closes again when one turns to something else.
for (const popup of document.querySelectorAll("[data-popup]")) {
  document.addEventListener("click", (event) => { if (!popup.contains(event.target)) popup.open = false; });
  popup.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    popup.open = false;
    popup.querySelector("summary").focus();
  });
}

// Long work: what changed is put in place until it has ended. Without this script the page loads itself again.
const live = document.querySelector("[data-live]");
if (live) {
  const here = new URL(location.href);
  const again = async () => {
    let page;
    try {
      const answer = await fetch(here, { headers: { "cache-control": "no-cache" } });
      if (!answer.ok) return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { setTimeout(again, 5000); return; }
    for (const part of live.querySelectorAll("[id^=work-]")) {
      const fresh = page.getElementById(part.id);
      // The same is left alone: nothing is spoken twice, and the keyboard keeps its place.
      if (!fresh || fresh.innerHTML === part.innerHTML || (part.id === "work-bar" && page.querySelector("[data-live]"))) continue;
      const kept = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      part.innerHTML = fresh.innerHTML;
      if (kept) [...part.querySelectorAll("a")].find((link) => link.getAttribute("href") === kept)?.focus();
    }
    fit();
    if (page.querySelector("[data-live]")) setTimeout(again, 1000);
  };
  if (here.searchParams.has(live.dataset.live)) setTimeout(again, 500);
  else { here.searchParams.set(live.dataset.live, "1"); location.replace(here); }
}

// After a refused form the summary is read first.
document.getElementById("error-summary")?.focus({ preventScroll: true });

// 分類番号なし leaves nothing to type into （分類）.
for (const box of document.querySelectorAll("[data-empties]")) {
  const emptied = document.getElementById(box.dataset.empties);
  const follow = () => { emptied.disabled = box.checked; if (box.checked) emptied.value = ""; };
  box.addEventListener("change", follow);
  follow();
}

// One of several in a row begins at the first box.
document.getElementById(document.querySelector("[data-begin]")?.dataset.begin)?.focus();

// Where data are entered, Enter leads on like Tab; only buttons send. A box that is full leads on by itself.
for (const form of document.querySelectorAll("[data-entry]")) {
  const onward = (from) => {
    const stops = [...form.querySelectorAll("input:not([type=hidden]), select, textarea, button:not([disabled])")].filter((one) => !one.disabled && one.offsetParent !== null);
    stops[stops.indexOf(from) + 1]?.focus();
  };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || !event.target.matches("input, select")) return;
    event.preventDefault();
    onward(event.target);
  });
  const full = (event) => {
    const box = event.target;
    if (event.isComposing || !box.dataset?.full || !(event.data ?? "x")) return;
    if (event.inputType?.startsWith("delete")) return;
    if (box.value.length >= box.dataset.full && box.selectionEnd === box.value.length) onward(box);
  };
  form.addEventListener("input", full);
  form.addEventListener("compositionend", (event) => setTimeout(() => full(event)));
}

// Alt and a letter, the same in every browser.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase() ?? event.key.toLowerCase();
  const target = /^[a-z]$/.test(letter) && document.querySelector(`[accesskey="${letter}"]`);
  if (target) { event.preventDefault(); target.focus(); target.click(); }
});

// ← and → lead to the neighbours of the list.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea, [contenteditable], .scroll, summary")) return;
  const key = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = key && document.querySelector(`a[data-key="${key}"]`);
  if (link) { event.preventDefault(); link.click(); }
});
