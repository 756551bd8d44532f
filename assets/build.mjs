// Builds static_dist/ from the packages pinned in package-lock.json: a Bootstrap subset inside a
// cascade layer, a sprite with the icons of icons.txt, and the font. Fails on an icon that is used
// and not listed, and on a file above its size budget.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const packages = path.join(root, "node_modules");
const dist = path.join(root, "static_dist");

// Gzip KB. CSS is what every page loads; JS is ours, htmx takes 17 more of the page's 35.
const BUDGET = { css: 35, js: 18, font: 25, sprite: 6 };

const SKIPPED = new Set(["node_modules", "static_dist", "static_root", "data", "docs", "tests"]);
const ICON_USES = [
  /\{%\s*icon\s+["']([a-z0-9-]+)["']/g, // {% icon "phone" %}
  /\{%\s*chip\s+["'][a-z]*["']\s+["']([a-z0-9-]+)["']/g, // {% chip "danger" "clock" … %}
  /\bicon\s*=\s*["']([a-z0-9-]+)["']/g, // icon="phone", in tags, includes and Python
  /\bMenuEntry\(\s*"[^"]*",\s*"([a-z0-9-]+)"/g, // MenuEntry("portfolio:client_list", "address-book", …)
  /\bicon\(\s*["']([a-z0-9-]+)["']/g, // icon("phone") in JavaScript and Python
];

function fail(message) {
  console.error(`assets: ${message}`);
  process.exitCode = 1;
}

function* sources(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (/\.(html|py|js)$/.test(entry.name)) yield file;
  }
}

function listedIcons() {
  const names = fs.readFileSync(path.join(here, "icons.txt"), "utf8").split("\n").filter(Boolean);
  for (let i = 1; i < names.length; i++) {
    if (names[i - 1] >= names[i]) fail(`icons.txt is out of order at "${names[i]}"`);
  }
  return names;
}

function checkUses(listed) {
  const known = new Set(listed);
  for (const file of sources(root)) {
    const text = fs.readFileSync(file, "utf8");
    for (const pattern of ICON_USES) {
      for (const [, name] of text.matchAll(pattern)) {
        if (!known.has(name)) fail(`${path.relative(root, file)} uses the icon "${name}", which is not in icons.txt`);
      }
    }
  }
}

function symbol(name) {
  const file = path.join(packages, "@tabler/icons/icons/outline", `${name}.svg`);
  if (!fs.existsSync(file)) return fail(`there is no icon "${name}"`) ?? "";
  const drawing = fs
    .readFileSync(file, "utf8")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/^[\s\S]*?<svg[^>]*>/, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none"[^>]*\/>/, "")
    .replace(/\s+/g, " ")
    .trim();
  return (
    `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" ` +
    `stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`
  );
}

function checkSize(what, limit, ...files) {
  const bytes = gzipSync(Buffer.concat(files.map((file) => fs.readFileSync(file))), { level: 9 }).length;
  const size = bytes / 1024;
  if (size > limit) fail(`${what} takes ${size.toFixed(1)} KB gzip, more than ${limit}`);
  return `${what} ${size.toFixed(1)}`;
}

fs.rmSync(dist, { recursive: true, force: true });
fs.mkdirSync(dist);
const built = (name) => path.join(dist, name);
const own = (name) => path.join(root, "static", name);

const { css } = sass.compile(path.join(here, "vendor.scss"), {
  style: "compressed",
  loadPaths: [packages],
  quietDeps: true,
  silenceDeprecations: ["import", "global-builtin", "color-functions", "mixed-decls", "if-function"],
  logger: sass.Logger.silent,
});
fs.writeFileSync(built("vendor.css"), css);

const icons = listedIcons();
checkUses(icons);
fs.writeFileSync(built("icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${icons.map(symbol).join("")}</svg>`);

fs.copyFileSync(
  path.join(packages, "@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2"),
  built("figtree.woff2"),
);

const sizes = [
  checkSize("css", BUDGET.css, built("vendor.css"), own("tokens.css"), own("app.css")),
  checkSize("js", BUDGET.js, own("app.js")),
  checkSize("font", BUDGET.font, built("figtree.woff2")),
  checkSize("sprite", BUDGET.sprite, built("icons.svg")),
];
console.log(`assets: ${icons.length} icons; KB gzip: ${sizes.join(", ")}`);
