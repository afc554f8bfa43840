// Pages takes an artifact of one tar file.
const fs = require('node:fs');
const path = require('node:path');

const name = (process.env.INPUT_ARTIFACT_NAME || 'github-pages').trim();
const site = path.join(process.env.CHITTYLOCAL_ARTIFACTS, name, 'artifact.tar');
if (!fs.existsSync(site)) {
  console.log(`::error::There is no artifact ${name} with an artifact.tar in this run.`);
  process.exit(1);
}
console.log(`A site of ${fs.statSync(site).size} bytes, packed.`);
fs.appendFileSync(process.env.GITHUB_OUTPUT, `page_url=file://${site}\n`);
