// Copies files to the run's artifact folder as the real action packs them: from their least common ancestor, without
// dotfiles, and without modes, since a zip made by it keeps none.
const fs = require('node:fs');
const path = require('node:path');

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] || '').trim();

function fail(message) {
  console.log(`::error::${message}`);
  process.exit(1);
}

function filesOf(start, hidden) {
  if (!fs.existsSync(start)) return [];
  if (fs.statSync(start).isFile()) return [start];
  return fs
    .readdirSync(start)
    .filter((name) => hidden || !name.startsWith('.'))
    .flatMap((name) => filesOf(path.join(start, name), hidden));
}

function commonFolder(files) {
  const split = files.map((file) => path.dirname(file).split(path.sep));
  const shared = split[0].filter((part, place) => split.every((parts) => parts.slice(0, place + 1).join() === split[0].slice(0, place + 1).join()));
  return shared.join(path.sep) || path.sep;
}

const name = input('name') || 'artifact';
const hidden = input('include-hidden-files') === 'true';
const patterns = input('path').split('\n').map((line) => line.trim()).filter(Boolean);
const workspace = process.env.GITHUB_WORKSPACE || '.';
const starts = patterns.flatMap((pattern) => {
  const full = path.resolve(workspace, pattern);
  return /[*?[]/.test(pattern) ? fs.globSync(full) : [full];
});
const files = [...new Set(starts.flatMap((start) => filesOf(start, hidden)))];
if (files.length === 0) {
  const message = `No files were found for the artifact ${name}: ${patterns.join(', ')}`;
  if (input('if-no-files-found') === 'error') fail(message);
  if (input('if-no-files-found') !== 'ignore') console.log(`::warning::${message}`);
  process.exit(0);
}
if (/[\\/:<>|*?"\r\n]/.test(name)) fail(`The artifact's name ${JSON.stringify(name)} has a character that none may have.`);
const target = path.join(process.env.CHITTYLOCAL_ARTIFACTS, name);
if (fs.existsSync(target)) {
  if (input('overwrite') !== 'true') fail(`There is an artifact of the name ${name} already.`);
  fs.rmSync(target, { recursive: true });
}
const single = patterns.length === 1 && !/[*?[]/.test(patterns[0]) && fs.statSync(starts[0]).isDirectory();
const root = single ? starts[0] : commonFolder(files);
let size = 0;
for (const file of files) {
  const copy = path.join(target, path.relative(root, file));
  fs.mkdirSync(path.dirname(copy), { recursive: true });
  fs.copyFileSync(file, copy);
  fs.chmodSync(copy, 0o644);
  size += fs.statSync(copy).size;
}
console.log(`Artifact ${name}: ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${size} bytes`);
fs.appendFileSync(process.env.GITHUB_OUTPUT, `artifact-id=1\nartifact-url=file://${target}\n`);
