// GitHub's own parser and language service over workflows and action.yml files:
//   node tools/workflow-check.mjs FILE…
// References to this repository (chittyos/chittyops/…@v2 and ./…) resolve to this checkout, so that an input or a secret
// that the other side does not know is an error here and not at a caller's startup. Exits 1 when there is any diagnostic.
import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, '.tools/js/node_modules');

// The packages import their JSON without the attribute that Node asks for: they are written for a bundler.
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return specifier.endsWith('.json') ? { ...found, importAttributes: { type: 'json' } } : found;
  },
});

const load = (path) => import(pathToFileURL(join(modules, path)));
const { validate } = await load('@actions/languageservice/dist/index.js');
const { TextDocument } = await load('vscode-languageserver-textdocument/lib/esm/main.js');
const { parse } = await load('yaml/dist/index.js').then((yaml) => yaml.default ?? yaml);

const severities = { 1: 'error', 2: 'warning', 3: 'information', 4: 'hint' };
const ours = (owner, repository) => `${owner}/${repository}`.toLowerCase() === 'chittyos/chittyops';

/** Reusable workflows, by the reference that a job's `uses:` names. */
const fileProvider = {
  async getFileContent(reference) {
    if ('repository' in reference && !ours(reference.owner, reference.repository)) {
      throw new Error(`${reference.owner}/${reference.repository} is not to be had without a network`);
    }
    return { name: reference.path, content: await readFile(join(root, reference.path), 'utf8') };
  },
};

/** What an action takes and gives; for other people's actions an empty contract, which is not checked. */
const actionsMetadataProvider = {
  async fetchActionMetadata({ owner, name, path }) {
    if (!ours(owner, name)) return { name: `${owner}/${name}`, description: '' };
    return parse(await readFile(join(root, path ?? '.', 'action.yml'), 'utf8').catch(() => 'null')) ?? undefined;
  },
};

/** Only GitHub knows a repository's secrets and variables: any name may be there, so those contexts are incomplete. */
const contextProviderConfig = {
  async getContext(name, context) {
    if (['secrets', 'vars'].includes(name) && context) context.complete = false;
    return context;
  },
};

let found = 0;
for (const file of process.argv.slice(2)) {
  const path = resolve(file);
  const document = TextDocument.create(pathToFileURL(path).href, 'yaml', 1, await readFile(path, 'utf8'));
  for (const { range, severity, message } of await validate(document, {
    actionsMetadataProvider,
    contextProviderConfig,
    fileProvider,
  })) {
    found += 1;
    const { line, character } = range.start;
    console.log(`${relative(root, path)}:${line + 1}:${character + 1}: ${severities[severity] ?? 'error'}: ${message}`);
  }
}
console.log(`${process.argv.length - 2} files, ${found} diagnostics`);
process.exit(found ? 1 : 0);
