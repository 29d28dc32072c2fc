// Improves pages that are complete without it. Its words stand in data attributes.
(() => {
  const KEPT = "hub.kept";
  const language = document.documentElement.lang;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const make = (tag, values) => Object.assign(document.createElement(tag), values);

  // Read out; a button that changes its own text is not, everywhere.
  const voice = make("div", { className: "visually-hidden" });
  voice.setAttribute("role", "status");
  document.body.append(voice);

  function once(selector) {
    const found = all(selector).filter((node) => !("done" in node.dataset));
    for (const node of found) node.dataset.done = "";
    return found;
  }

  // The reader's own time stands beside the event's, never instead of it.
  function addYourTime(time) {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const { zone, end } = time.dataset;
    const start = new Date(time.dateTime);
    const day = { weekday: "short", month: "short", day: "numeric" };
    const hour = { hour: "numeric", minute: "2-digit" };
    const format = (parts, timeZone) => new Intl.DateTimeFormat(language, { ...parts, timeZone });
    const differs = (parts) => format(parts, zone).format(start) !== format(parts, timeZone).format(start);
    if (!differs({ ...day, ...hour })) return;
    const yours = format({ ...(differs(day) && day), ...hour, timeZoneName: "short" }, timeZone);
    const text = end ? yours.formatRange(start, new Date(end)) : yours.format(start);
    const textContent = document.body.dataset.yourTime.replace("{time}", text);
    time.after(make("span", { className: "your-time", textContent }));
  }

  async function copy(button) {
    const input = document.getElementById(button.dataset.copy);
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      if (!document.execCommand("copy")) return; // the text stays selected
    }
    button.dataset.text ??= button.textContent;
    button.textContent = voice.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = button.dataset.text), 3000);
  }

  // Kept on this phone: [{url, title, when, expires}], never a place. A row is dropped at
  // `expires` (the server gives end + 24 h). All of it throws where storage is refused.
  function kept() {
    let rows = [];
    try {
      rows = [].concat(JSON.parse(localStorage.getItem(KEPT)) || []);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    const live = rows.filter((row) => Date.parse(row.expires) > Date.now() && /^\/[^/\\]/.test(row.url));
    if (live.length < rows.length) keep(live);
    return live;
  }

  function keep(rows) {
    if (rows.length) localStorage.setItem(KEPT, JSON.stringify(rows));
    else localStorage.removeItem(KEPT);
  }

  const isKept = (url) => kept().some((row) => row.url === url);
  const remove = (url) => keep(kept().filter((row) => row.url !== url));

  const add = ({ url, title, when, expires }) => {
    remove(url);
    keep([...kept(), { url, title, when, expires }]);
  };

  function showKeepButton(button) {
    const { url, forget } = button.dataset;
    button.dataset.text ??= button.textContent;
    button.textContent = isKept(url) ? forget : button.dataset.text;
    button.hidden = false;
  }

  function toggleKept(button) {
    const data = button.dataset;
    const had = isKept(data.url);
    if (had) remove(data.url);
    else add(data);
    voice.textContent = had ? data.forgotten : data.kept;
    showAll();
  }

  function keptRow(row, forget) {
    const item = make("li");
    const link = make("a", { href: row.url, textContent: row.title });
    const button = make("button", { className: "button button-secondary", textContent: forget });
    button.setAttribute("aria-label", `${forget}: ${row.title}`);
    button.dataset.forgetUrl = row.url;
    item.append(link, make("small", { textContent: row.when }), button);
    return item;
  }

  function showKept(box) {
    const rows = kept().sort((a, b) => Date.parse(a.expires) - Date.parse(b.expires));
    const list = make("ul", { className: "kept" });
    for (const row of rows) list.append(keptRow(row, box.dataset.forget));
    box.replaceChildren(rows.length ? list : box.dataset.empty);
    box.hidden = false;
  }

  function showAll() {
    all("[data-keep]").forEach(showKeepButton);
    all("[data-kept-list]").forEach(showKept);
  }

  function forget(button) {
    const box = button.closest("[data-kept-list]");
    remove(button.dataset.forgetUrl);
    showAll();
    voice.textContent = box.dataset.forgotten;
    box.tabIndex = -1; // the button that had the focus is gone
    box.focus();
  }

  function improveKept() {
    kept(); // drops what has expired, on whichever page
    for (const { dataset } of all("[data-unkeep]")) remove(dataset.unkeep);
    for (const { dataset } of all("[data-keep]")) if (isKept(dataset.url)) add(dataset); // it may have moved
    showAll();
  }

  function attempt(step, node) {
    try {
      step(node);
    } catch {
      // Unknown time zone, refused storage: the page works without.
    }
  }

  function improve() {
    for (const time of once("time[data-zone]")) attempt(addYourTime, time);
    for (const node of all("[data-copy]")) node.hidden = false;
    for (const node of all("[data-share]")) node.hidden = !navigator.share;
    attempt(improveKept);
    for (const summary of once("[data-error-summary]")) summary.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const data = button ? button.dataset : {};
    if ("copy" in data) copy(button);
    else if ("share" in data) navigator.share({ title: data.title, url: data.share }).catch(() => {});
    else if ("keep" in data) attempt(toggleKept, button);
    else if ("forgetUrl" in data) attempt(forget, button);
  });
  addEventListener("storage", () => attempt(showAll)); // from another tab
  document.addEventListener("htmx:afterSettle", improve);
  improve();
})();
