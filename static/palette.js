// The command palette: clients come by htmx from the server, places are narrowed here. Nothing typed is kept.

const dialog = document.querySelector("#d-palette");
const input = dialog?.querySelector("[role=combobox]");
const found = dialog?.querySelector("#palette-found");
const places = dialog?.querySelector("[data-places]");
const RECENT = "palette:recent";
const MOST_RECENT = 5;
const CLIENT = /^\/clientes\/(\d+)\/$/;

// The texts last asked for and answered: while the answer is of an older text, Enter waits for the next.
let asked = "";
let answered = "";
let isAwaited = false;

const isStale = () => answered !== input.value;

const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().trim();
const options = () => [...dialog.querySelectorAll("[role=option]")].filter((option) => option.checkVisibility());
const active = () => dialog.querySelector("[aria-selected=true]");
const idIn = (address) => CLIENT.exec(new URL(address, location.href).pathname)?.[1] ?? "";

// Ids alone, in this tab; leaving the program clears them.
const recent = () => JSON.parse(sessionStorage.getItem(RECENT) ?? "[]");

function remember(id) {
  if (id) sessionStorage.setItem(RECENT, JSON.stringify([id, ...recent().filter((other) => other !== id)].slice(0, MOST_RECENT)));
}

// The row under the keyboard, else the client whose page it is.
function currentClient() {
  const link = document.querySelector("[data-row].cur :is([data-open], .who)[href]");
  return idIn(link?.href ?? location.href);
}

function choose(option) {
  active()?.removeAttribute("aria-selected");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

// A client or a place rather than the way to the list.
const chooseFirst = () => choose(options().find((option) => !("list" in option.dataset)) ?? options()[0]);

function showFound() {
  chooseFirst();
  answered = asked;
  if (isAwaited) enter();
}

function enter() {
  isAwaited = isStale();
  const option = active();
  if (!isAwaited && option && !option.getAttribute("aria-disabled")) option.click();
}

function step(by) {
  const list = options();
  const place = list.indexOf(active());
  choose(list[(place + by + list.length) % list.length] ?? list[0]);
}

function narrow() {
  const words = fold(input.value).split(/\s+/);
  const links = [...places.querySelectorAll("[role=option]")];
  links.forEach((link) => (link.hidden = !words.every((word) => fold(link.textContent).includes(word))));
  places.hidden = links.every((link) => link.hidden);
}

function open() {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  document.querySelectorAll(".menu:popover-open").forEach((menu) => menu.hidePopover());
  const client = currentClient();
  dialog.querySelector("[name=client]").value = client;
  dialog.querySelector("[name=recent]").value = recent().filter((id) => id !== client).join(",");
  input.value = "";
  found.replaceChildren();
  narrow();
  dialog.showModal();
  input.focus();
  answered = "";
  isAwaited = false;
  choose(options()[0]);
  document.body.dispatchEvent(new Event("palette-open"));
}

// The acts of one client take the place of what was found; `then` names one to do at once.
async function showActs(option, then) {
  await htmx.ajax("POST", option.dataset.acts, { source: input, target: found, swap: "innerHTML" });
  places.hidden = true;
  const act = then && found.querySelector(`[data-act="${then}"]`);
  if (act) act.click();
  else choose(then ? options().find((one) => one.getAttribute("aria-disabled")) : options()[0]);
}

function goBack() {
  narrow();
  document.body.dispatchEvent(new Event("palette-open"));
}

function press(event) {
  const option = active();
  const atEnd = input.selectionStart === input.value.length;
  const inActs = found.querySelector("[data-one]");
  const acts = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    ArrowRight: option?.dataset.acts && atEnd && (() => showActs(option)),
    ArrowLeft: inActs && goBack,
    Backspace: inActs && goBack,
    Enter: () => {
      if (event.ctrlKey || event.metaKey) return option?.dataset.acts && showActs(option, "call");
      enter();
    },
  };
  if (!acts[event.key] || event.isComposing) return;
  event.preventDefault();
  acts[event.key]();
}

function startPalette() {
  input.addEventListener("keydown", press);
  input.addEventListener("input", () => {
    isAwaited = false;
    narrow();
  });
  input.addEventListener("htmx:configRequest", () => (asked = input.value));
  found.addEventListener("htmx:afterSwap", showFound);
  input.addEventListener("htmx:sendError", () => (answered = input.value));
  dialog.addEventListener("click", (event) => {
    // A click beside the dialog, or one that leads on: the palette is in nobody's way.
    if (event.target === dialog || event.target.closest("a[role=option]")) dialog.close();
  });
  document.addEventListener("click", (event) => event.target.closest("[data-palette]") && open());
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  remember(idIn(location.href));
}

if (dialog) startPalette();
