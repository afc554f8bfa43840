// Finds the Node.js that a workflow asks for among those of this machine; downloads nothing.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] || '').trim();

function wanted() {
  if (input('node-version')) return input('node-version');
  const file = input('node-version-file');
  if (!file) return '';
  const text = fs.readFileSync(path.resolve(process.env.GITHUB_WORKSPACE || '.', file), 'utf8').trim();
  return file.endsWith('package.json') ? (JSON.parse(text).engines || {}).node || '' : text;
}

function versionOf(binary) {
  try {
    return execFileSync(binary, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().slice(1);
  } catch {
    return '';
  }
}

// "22" and "v22.x" match any 22; "22.12" any 22.12; a range is met by its first number.
function matches(version, spec) {
  const numbers = spec.replace(/^[v^~>=\s]+/, '').split('.').filter((part) => /^\d+$/.test(part));
  if (numbers.length === 0) return true;
  if (/^[>]/.test(spec.trim())) return Number(version.split('.')[0]) >= Number(numbers[0]);
  return numbers.every((part, place) => version.split('.')[place] === part);
}

const spec = wanted();
const folders = (process.env.PATH || '').split(path.delimiter);
const found = [...new Set(folders)]
  .map((folder) => path.join(folder, 'node'))
  .filter((binary) => fs.existsSync(binary))
  .map((binary) => ({ binary, version: versionOf(binary) }))
  .filter((node) => node.version);
const node = found.find((each) => matches(each.version, spec)) || found[0];
if (!matches(node.version, spec)) {
  const versions = [...new Set(found.map((each) => each.version))].join(', ');
  console.log(`Node.js ${spec} is wanted; this machine has ${versions}, and ${node.version} stands for it.`);
} else {
  console.log(`Node.js ${node.version}`);
}
fs.appendFileSync(process.env.GITHUB_PATH, `${path.dirname(node.binary)}\n`);
fs.appendFileSync(process.env.GITHUB_OUTPUT, `node-version=v${node.version}\ncache-hit=false\n`);
