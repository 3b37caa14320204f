// Makes the export fit for how it is served: under `default-src 'self'`, by a file server that finds `/traces` in
// `traces.html` and `traces.html.gz`. Three things are missing for that in what Next.js writes:
//
// - Scripts inside the pages, which that policy refuses, become files, loaded where they stood.
// - A folder `traces/` beside `traces.html`, with what links fetch ahead, goes: a file server that sees a folder may
//   redirect to `/traces/`, and the query is lost on the way (`/login?error=…`). Links here fetch nothing ahead
//   (components/link).
// - What is text is compressed once, here, and not for each browser.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const OUT = "out";
const SCRIPTS = "_next/static/inline";
const INLINE = /<script(?![^>]*\ssrc=)([^>]*)>([\s\S]*?)<\/script>/g;

async function toFiles(page) {
  const path = join(OUT, page);
  const html = await readFile(path, "utf8");
  const files = new Map();
  const outside = html.replace(INLINE, (whole, attributes, code) => {
    if (/type="application\/(ld\+)?json"/.test(attributes)) return whole;
    const name = `${createHash("sha256").update(code).digest("hex").slice(0, 16)}.js`;
    files.set(name, code);
    return `<script${attributes} src="/${SCRIPTS}/${name}"></script>`;
  });
  for (const [name, code] of files) await writeFile(join(OUT, SCRIPTS, name), code);
  const styled = outside.match(/<[^>]+\sstyle="[^"]*"/);
  if (styled) throw new Error(`${page}: the policy refuses a style inside the page: ${styled[0]}`);
  await writeFile(path, outside);
  return files.size;
}

await mkdir(join(OUT, SCRIPTS), { recursive: true });
const pages = [];
const folders = [];

// Pages may be below a folder that has none of its own (`settings/limits.html`).
async function look(at) {
  for (const entry of await readdir(join(OUT, at), { withFileTypes: true })) {
    const path = join(at, entry.name);
    if (entry.name.endsWith(".html")) pages.push(path);
    else if (!entry.isDirectory() || path === "_next") continue;
    else if (existsSync(join(OUT, `${path}.html`))) folders.push(await withoutPages(path));
    else await look(path);
  }
}

async function withoutPages(folder) {
  const inside = await readdir(join(OUT, folder), { recursive: true });
  const page = inside.find((name) => name.endsWith(".html"));
  if (page) throw new Error(`${folder} is a page, so ${folder}/${page} cannot be one`);
  return folder;
}

await look("");
for (const page of pages) await toFiles(page);
for (const folder of folders) await rm(join(OUT, folder), { recursive: true });
console.log(`${pages.length} pages: scripts are in ${SCRIPTS}, ${folders.length} folders are gone`);

// What a page loads at first must stay small.
const MOST_BYTES = 350_000;

async function loadedBy(page) {
  const html = await readFile(join(OUT, page), "utf8");
  const scripts = [...html.matchAll(/<script[^>]*?\ssrc="([^"]+)"([^>]*)>/g)].filter(
    ([tag]) => !/nomodule/i.test(tag),
  );
  const names = new Set(scripts.map(([, source]) => source));
  const sizes = await Promise.all(
    [...names].map(async (name) => gzipSync(await readFile(join(OUT, name))).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

for (const page of pages) {
  const size = await loadedBy(page);
  console.log(`${page.padEnd(28)} ${Math.round(size / 1000)} KB of JavaScript, gzip`);
  if (size > MOST_BYTES) throw new Error(`${page} loads more than ${MOST_BYTES / 1000} KB`);
}

const TEXT = /\.(html|js|css|svg|txt|json)$/;

for (const name of await readdir(OUT, { recursive: true })) {
  if (!TEXT.test(name)) continue;
  const path = join(OUT, name);
  await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
}
