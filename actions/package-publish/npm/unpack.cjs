// Unpacks a package's tarball by the code of npm's that `npm publish` reads package.json with, and prints what that
// code makes of it for the registry. It asks no network.
// unpack.cjs <npm's folder> <tarball> <folder to unpack into> <npm's cache>
const [npm, tarball, into, cache] = process.argv.slice(2)
const pacote = require(require.resolve('pacote', { paths: [npm] }))

async function main() {
  await pacote.extract(`file:${tarball}`, into, { cache, offline: true })
  // As npm's lib/commands/publish.js asks for it.
  const read = await pacote.manifest(`file:${tarball}`, { cache, offline: true, fullMetadata: true, fullReadJson: true })
  const { name, version, publishConfig, tag, private: hidden, gitHead } = read
  console.log(JSON.stringify({ name, version, publishConfig, tag, private: hidden, gitHead }))
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
