// Copies what upload-artifact's stand-in kept; of an earlier run, what a test or a person put into a folder of its id.
const fs = require('node:fs');
const path = require('node:path');

const input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] || '').trim();

const run = input('run-id');
const earlier = run && run !== process.env.GITHUB_RUN_ID;
const store = earlier ? path.join(process.env.CHITTYLOCAL_EARLIER || '', run) : process.env.CHITTYLOCAL_ARTIFACTS;
const kept = fs.existsSync(store) ? fs.readdirSync(store).sort() : [];
const target = path.resolve(process.env.GITHUB_WORKSPACE || '.', input('path') || '.');
const name = input('name');
if (name && !kept.includes(name)) {
  console.log(`::error::There is no artifact ${name} in ${earlier ? `run ${run}` : 'this run'}; there are: ${kept.join(', ') || 'none'}.`);
  process.exit(1);
}
const pattern = input('pattern');
const chosen = name ? [name] : kept.filter((each) => !pattern || path.matchesGlob(each, pattern));
for (const each of chosen) {
  const flat = name || input('merge-multiple') === 'true';
  fs.cpSync(path.join(store, each), flat ? target : path.join(target, each), { recursive: true });
  console.log(`Artifact ${each}`);
}
fs.appendFileSync(process.env.GITHUB_OUTPUT, `download-path=${target}\n`);
