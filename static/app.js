// Behaviour shared by every page. No dependencies beyond htmx; nothing here writes a style attribute
// or evaluates text, so that the strict content security policy holds. Texts come from #app-texts.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
const texts = one("#app-texts")?.dataset ?? {};
const csrfToken = () => one('meta[name="csrf-token"]')?.content ?? "";
const TYPING = "input, textarea, select, dialog, [contenteditable], [popover]";

function icon(name) {
  return one(`[data-icon="${name}"] svg`, one("#app-texts").content).cloneNode(true);
}

function button(className, text, onClick) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
}

// --- Notices: HX-Trigger {"aviso": {"text", "undo_url"?, "tone"?}}; 8 s, held while read --------------

const NOTICE_MS = 8000;
const NOTICES_AT_ONCE = 3;

function undo(notice, url) {
  notice.remove();
  htmx.ajax("POST", url, { source: document.body, target: document.body, swap: "none" });
}

function holdNotice(notice) {
  let timer;
  const start = () => (timer = setTimeout(() => notice.remove(), NOTICE_MS));
  const hold = () => clearTimeout(timer);
  notice.addEventListener("mouseenter", hold);
  notice.addEventListener("mouseleave", start);
  notice.addEventListener("focusin", hold);
  notice.addEventListener("focusout", start);
  if (notice.dataset.undoUrl) notice.append(button("", texts.undo, () => undo(notice, notice.dataset.undoUrl)));
  start();
}

function showNotice({ text, undo_url: undoUrl, tone }) {
  const region = one(".toasts");
  if (!region || !text) return;
  const notice = document.createElement("div");
  notice.className = tone === "bad" ? "toast-c bad" : "toast-c";
  if (undoUrl) notice.dataset.undoUrl = undoUrl;
  const line = document.createElement("p");
  line.textContent = text;
  notice.append(icon(tone === "bad" ? "alert-triangle" : "circle-check"), line);
  while (region.childElementCount >= NOTICES_AT_ONCE) region.firstElementChild.remove();
  region.append(notice);
  holdNotice(notice);
}

function startNotices() {
  all(".toasts > .toast-c").forEach(holdNotice);
  document.body.addEventListener("aviso", (event) =>
    showNotice(typeof event.detail.value === "string" ? { text: event.detail.value } : event.detail),
  );
}

// --- Menus: native popover, placed next to the button that opened it -----------------------------------

let menuOpener = null;

function placeMenu(menu) {
  const opener = menuOpener ?? one(`[popovertarget="${menu.id}"]`);
  if (!opener) return;
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = at.left + width > innerWidth - 8 ? at.right - width : at.left;
  const below = at.bottom + height + 12 <= innerHeight;
  menu.style.left = `${clamp(left, 8, Math.max(8, innerWidth - width - 8))}px`;
  menu.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
  all("a, button", menu).find((item) => item.checkVisibility())?.focus();
}

function moveInMenu(event) {
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const items = all("a, button", menu).filter((item) => item.checkVisibility());
  const step = event.key === "ArrowDown" ? 1 : items.length - 1;
  items[(items.indexOf(document.activeElement) + step) % items.length]?.focus();
}

const closeMenus = () => all(".menu:popover-open").forEach((menu) => menu.hidePopover());

function startMenus() {
  // "toggle" does not bubble, and menus may arrive later by htmx: listen while it goes down.
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.newState === "open" && event.target.matches?.(".menu[popover]")) placeMenu(event.target);
    },
    true,
  );
  document.addEventListener(
    "click",
    (event) => {
      const opener = event.target.closest("[popovertarget]");
      if (opener) menuOpener = opener;
    },
    true,
  );
  document.addEventListener("keydown", moveInMenu);
  // What htmx fills may have grown past the edge.
  document.body.addEventListener("htmx:afterSettle", ({ target }) => {
    const menu = target.closest?.(".menu:popover-open");
    if (menu) placeMenu(menu);
  });
}

// --- Dialogs: data-dialog="id" opens one of the page; #dialog-slot opens what htmx puts in it ------------

let dialogOpener = null;

function openDialog(dialog) {
  closeMenus();
  if (!dialog || dialog.open) return;
  dialog.showModal();
  // With a keyboard at hand the first field is what one wants, not the cross in the corner.
  const field = all("input, select, textarea", dialog).find((input) => input.checkVisibility() && !input.disabled);
  if (matchMedia("(pointer: fine)").matches && !one(".error-summary", dialog)) field?.focus();
}

function closeDialogs() {
  all("dialog[open]").forEach((dialog) => dialog.close());
}

// The browser gives the focus back by itself, except after a form with errors replaced the dialog.
function forgetDialog(dialog) {
  if (!dialog.closest("#dialog-slot")) return;
  dialog.remove();
  if (dialogOpener?.isConnected) dialogOpener.focus();
}

function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) openDialog(document.getElementById(opener.dataset.dialog));
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
    // A click on the backdrop closes, unless it would throw away what was typed.
    if (event.target.matches("dialog") && !one("form:not([method=dialog])", event.target)) event.target.close();
  });
  document.addEventListener("close", (event) => event.target.matches?.("dialog") && forgetDialog(event.target), true);
  document.body.addEventListener("close-dialog", closeDialogs);
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id === "dialog-slot" && !event.detail.elt.closest("dialog")) {
      dialogOpener = event.detail.elt.closest(".menu") ? menuOpener : event.detail.elt;
    }
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog-slot") openDialog(one("dialog", event.detail.target));
  });
}

// --- Requests: CSRF, expired session, busy marks, focus, failures ----------------------------------------

const QUIET_MS = 300;
const busyTimers = new WeakMap();

// Table parts cannot hold a bar or an alert: the wrapper of the table takes them.
function regionOf(target) {
  return target.closest("[data-region]") ?? target.closest(".tw") ?? target;
}

function pressedButton({ elt, requestConfig }) {
  const pressed = requestConfig?.triggeringEvent?.submitter ?? elt;
  return pressed.matches?.("button, a.btn") ? pressed : null;
}

// Nothing is shown for a request that answers at once.
function markBusy({ detail }) {
  const marked = [pressedButton(detail), detail.target && detail.target !== document.body && regionOf(detail.target)];
  const timer = setTimeout(() => marked.filter(Boolean).forEach((e) => e.setAttribute("aria-busy", "true")), QUIET_MS);
  busyTimers.set(detail.xhr, () => {
    clearTimeout(timer);
    marked.filter(Boolean).forEach((e) => e.removeAttribute("aria-busy"));
  });
}

function failureText(status) {
  if (!status) return texts.offline;
  return { 403: texts.forbidden, 404: texts.gone, 409: texts.conflict, 429: texts.slow }[status] ?? texts.failed;
}

function showFailure({ detail }) {
  const { target, xhr, elt, requestConfig } = detail;
  const told = xhr?.getResponseHeader?.("HX-Trigger")?.includes("aviso");
  if (told) return;
  const text = failureText(xhr?.status);
  if (!target || target === document.body || requestConfig?.boosted) return showNotice({ text, tone: "bad" });
  // What failed inside a dialog is told inside it: the page lies behind.
  const region = elt.closest?.("dialog")?.querySelector(".d-b") ?? regionOf(target);
  one(":scope > .fragment-error", region)?.remove();
  const alert = document.createElement("div");
  alert.className = "alert alert-danger fragment-error";
  alert.setAttribute("role", "alert");
  const line = document.createElement("div");
  line.append(`${text} `);
  const retry = () => {
    alert.remove();
    htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt });
  };
  if (requestConfig && elt.isConnected) line.append(button("btn-link", texts.retry, retry));
  alert.append(icon("alert-triangle"), line);
  region.prepend(alert);
}

// An expired session answers with the login page: go there instead of showing it inside a panel.
function leaveIfLoggedOut(event) {
  const login = document.body.dataset.loginUrl;
  const { responseURL } = event.detail.xhr;
  if (!login || !responseURL || new URL(responseURL).pathname !== login || location.pathname === login) return;
  event.detail.shouldSwap = false;
  location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

// A conflict is an answer to read, not a failure: it shows both values and keeps what was typed.
function showConflict({ detail }) {
  if (detail.xhr.status !== 409 || /^\s*<!doctype/i.test(detail.serverResponse)) return;
  detail.shouldSwap = true;
  detail.isError = false;
}

// When the row under the focus goes away, the focus goes to the one that took its place.
let focusedRow = -1;

function keepRowFocus() {
  if (focusedRow >= 0 && document.activeElement === document.body) goToRow(Math.min(focusedRow, rows().length - 1));
  focusedRow = -1;
}

function focusErrors(event) {
  if (![409, 422].includes(event.detail.xhr?.status)) return;
  (one("dialog[open] .error-summary") ?? one(".error-summary"))?.focus();
}

// On the phone the tabs scroll: the one in force is never out of sight.
function showCurrentTab() {
  all(".tabs [aria-current]").forEach((tab) => {
    const strip = tab.parentElement;
    const past = tab.getBoundingClientRect().right - strip.getBoundingClientRect().right;
    if (past > 0) strip.scrollLeft += past + 16;
  });
}

function startRequests() {
  const { body } = document;
  body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = csrfToken();
    addSelection(event.detail.elt.closest("[data-with-selection]"), event.detail.formData);
  });
  body.addEventListener("htmx:beforeRequest", markBusy);
  body.addEventListener("htmx:afterRequest", (event) => busyTimers.get(event.detail.xhr)?.());
  body.addEventListener("htmx:beforeSwap", leaveIfLoggedOut);
  body.addEventListener("htmx:beforeSwap", showConflict);
  body.addEventListener("htmx:beforeSwap", () => {
    focusedRow = rows().findIndex((row) => row.contains(document.activeElement));
  });
  body.addEventListener("htmx:afterSettle", keepRowFocus);
  body.addEventListener("htmx:afterSettle", focusErrors);
  body.addEventListener("htmx:afterSettle", showCurrentTab);
  showCurrentTab();
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => body.addEventListener(name, showFailure));
}

// --- Plain forms: one press is one request; filters send themselves -------------------------------------

function markSent(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.dataset.download !== undefined) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
}

function clearSent() {
  all("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    all("[aria-busy]", form).forEach((element) => element.removeAttribute("aria-busy"));
  });
}

function startForms() {
  let pause;
  document.addEventListener("submit", markSent);
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.clearsBrowser !== undefined) sessionStorage.clear();
  });
  document.addEventListener("formdata", (event) => {
    addSelection(event.target.closest("[data-with-selection]"), event.formData);
  });
  document.addEventListener("change", (event) => event.target.form?.matches("[data-autosubmit]") && send(event.target));
  document.addEventListener("input", (event) => {
    if (!event.target.matches('[data-autosubmit] [type="search"]')) return;
    clearTimeout(pause);
    pause = setTimeout(() => send(event.target), QUIET_MS);
  });
  // Coming back by the browser's arrow shows the page as it was left.
  addEventListener("pageshow", clearSent);
  one(".error-summary")?.focus();

  function send(field) {
    clearTimeout(pause);
    field.form.requestSubmit();
  }
}

// --- Selection: ids only, kept in this tab while paging; data-selection="name" on the list -----------------

const selectionList = (name) => one(name ? `[data-selection="${CSS.escape(name)}"]` : "[data-selection]");
const selectionKey = (list) => `selection:${list.dataset.selection}`;
const selectedIds = (list) => new Set(JSON.parse(sessionStorage.getItem(selectionKey(list)) ?? "[]"));

function saveSelection(list, ids) {
  sessionStorage.setItem(selectionKey(list), JSON.stringify([...ids]));
  showSelection(list);
}

function showSelection(list) {
  const ids = selectedIds(list);
  const boxes = all("[data-sel]", list);
  boxes.forEach((box) => (box.checked = ids.has(box.value)));
  const checked = boxes.filter((box) => box.checked).length;
  all("[data-all]", list).forEach((box) => {
    box.checked = checked > 0 && checked === boxes.length;
    box.indeterminate = checked > 0 && checked < boxes.length;
  });
  all(".bulk", list).forEach((bar) => (bar.hidden = ids.size === 0));
  all("[data-n]", list).forEach((place) => {
    place.textContent = ids.size === 1 ? texts.selectedOne : texts.selectedMany.replace("%s", ids.size.toLocaleString("pt-BR"));
  });
}

function changeSelection({ target }) {
  const list = target.closest("[data-selection]");
  if (!list || !target.matches("[data-sel], [data-all]")) return;
  const ids = selectedIds(list);
  const boxes = target.matches("[data-all]") ? all("[data-sel]", list) : [target];
  boxes.forEach((box) => (target.checked ? ids.add(box.value) : ids.delete(box.value)));
  saveSelection(list, ids);
}

function addSelection(form, data) {
  const list = form && selectionList(form.dataset.withSelection);
  if (!list || !data) return;
  // htmx builds its data from the form too: start over, so that no id goes twice.
  data.delete("ids");
  selectedIds(list).forEach((id) => data.append("ids", id));
}

function startSelection() {
  const refresh = () => all("[data-selection]").forEach(showSelection);
  const clear = () => all("[data-selection]").forEach((list) => saveSelection(list, []));
  document.addEventListener("change", changeSelection);
  document.addEventListener("click", (event) => event.target.closest("[data-clear]") && clear());
  document.body.addEventListener("selection-clear", clear);
  document.body.addEventListener("htmx:afterSettle", refresh);
  refresh();
}

// --- Keyboard: J K X R L W A Enter / ? and G then a letter; never while typing (WCAG 2.1.4: can be turned off) -------

const rows = () => all("[data-row]");
let leader = false;

function goToRow(position) {
  const list = rows();
  if (!list.length) return;
  const row = list[clamp(position, 0, list.length - 1)];
  list.forEach((other) => other.classList.toggle("cur", other === row));
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function followLeader(letter) {
  leader = false;
  one(`[data-go="${CSS.escape(letter)}"]`)?.click();
}

function lead() {
  leader = true;
  setTimeout(() => (leader = false), 900);
}

function focusSearch(event) {
  const field = all('input[type="search"]').find((input) => input.checkVisibility());
  event.preventDefault();
  if (field) field.focus();
  else one("[data-palette]")?.click();
}

// R L W A act on the row under the keyboard, else on the next contact, else on the client whose page it is.
const ACTS = { r: "", l: ', a[href^="tel:"]', w: ', a[href^="https://wa.me/"]', a: "" };

function act(letter, row) {
  const place = row ?? one(".next") ?? one("main .head");
  if (place) one(`[data-key="${letter}"]${ACTS[letter]}`, place)?.click();
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
  if (document.body.dataset.singleKeys === "off" || one("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (leader) return followLeader(key);
  const current = rows().findIndex((row) => row.classList.contains("cur"));
  const row = rows()[current];
  const acts = {
    j: () => goToRow(current + 1),
    k: () => goToRow(current - 1),
    x: () => row && one("[data-sel]", row)?.click(),
    enter: () => row && event.target === row && one("[data-open], .who", row)?.click(),
    ...Object.fromEntries(Object.keys(ACTS).map((letter) => [letter, () => act(letter, row)])),
    g: lead,
    "/": () => focusSearch(event),
    "?": () => openDialog(one("#d-keys")),
  };
  acts[key]?.();
}

// --- Small acts --------------------------------------------------------------------------------------------

async function toggleTheme(opener) {
  const root = document.documentElement;
  const before = root.dataset.bsTheme;
  const dark = before ? before === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = dark ? "light" : "dark";
  root.dataset.bsTheme = theme;
  const answer = await fetch(opener.dataset.themeUrl, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken() },
    body: new URLSearchParams({ theme }),
  }).catch(() => ({ ok: false }));
  if (answer.ok) return;
  if (before) root.dataset.bsTheme = before;
  else delete root.dataset.bsTheme;
  showNotice({ text: texts.failed, tone: "bad" });
}

async function copy(opener) {
  const source = opener.dataset.copyFrom && one(opener.dataset.copyFrom);
  const text = opener.dataset.copy || source?.value || source?.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    showNotice({ text: texts.copied });
  } catch {
    showNotice({ text: texts.notCopied, tone: "bad" });
  }
}

function reveal(opener) {
  const field = one(opener.dataset.reveal);
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  opener.setAttribute("aria-pressed", shown);
}

function startActs() {
  document.addEventListener("click", (event) => {
    const act = (name, run) => {
      const opener = event.target.closest(`[data-${name}]`);
      if (opener) run(opener);
    };
    act("theme-url", toggleTheme);
    act("copy", copy);
    act("reveal", reveal);
    act("print", () => print());
  });
}

// Hint of the charts drawn by the server.
function startHints() {
  let hint = null;
  document.addEventListener("pointermove", (event) => {
    const place = event.target.closest?.("[data-tip]");
    if (!place) {
      hint?.remove();
      hint = null;
      return;
    }
    hint ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip" }));
    hint.textContent = place.dataset.tip;
    hint.style.left = `${Math.min(event.clientX + 14, innerWidth - hint.offsetWidth - 8)}px`;
    hint.style.top = `${event.clientY + 14}px`;
  });
}

startNotices();
startMenus();
startDialogs();
startRequests();
startForms();
startSelection();
startActs();
startHints();
document.addEventListener("keydown", press);
