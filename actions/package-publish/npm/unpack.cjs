// Unpacks a package's tarball by the code of npm's that `npm publish` reads package.json with. It asks no network.
// unpack.cjs <npm's folder> <tarball> <folder to unpack into> <npm's cache>
const [npm, tarball, into, cache] = process.argv.slice(2)
const pacote = require(require.resolve('pacote', { paths: [npm] }))

pacote.extract(`file:${tarball}`, into, { cache, offline: true }).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
