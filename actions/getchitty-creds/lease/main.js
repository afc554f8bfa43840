// Starts the credential exchange and outlives a cancellation with it.
//
// A composite action has no post step, a JavaScript action has: this is the least JavaScript that gives Python one.
// The runner signals its direct child alone (SIGINT, 7.5 s later SIGTERM, 2.5 s later the end), so Node passes the
// signals on and waits: a credential that is being issued is written down by Python before it goes.
'use strict'

const { spawn, spawnSync } = require('node:child_process')
const path = require('node:path')

const RUN = path.resolve(__dirname, '..', '..', '..', 'python', 'chittyactions', 'run.py')
const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']
const NEW_ENOUGH = 'import sys; sys.exit(sys.version_info < (3, 10))'

function findPython () {
  return NAMES.find(name => spawnSync(name, ['-I', '-S', '-c', NEW_ENOUGH], { stdio: 'ignore' }).status === 0)
}

exports.start = function (action) {
  let child
  let signalled
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      signalled = signal
      if (child) child.kill(signal)
    })
  }
  const python = findPython()
  if (!python) {
    console.log('::error title=Python is missing::ChittyOps needs Python 3.10 or newer. Add actions/setup-python before it.')
    process.exitCode = 1
    return
  }
  const { INPUT_INPUTS: inputs, ...env } = process.env
  env.CHITTY_INPUTS = inputs || '{}'
  // Signals that came while Python was looked for are delivered first: then nothing is started at all.
  setImmediate(() => {
    if (signalled) {
      process.exitCode = 130
      return
    }
    child = spawn(python, ['-I', '-S', RUN, action], { env, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', error => {
      console.log(`::error title=Python could not be started::${error.code}: ${python}`)
      process.exitCode = 1
    })
    child.on('exit', (code, signal) => { process.exitCode = signal ? 130 : code })
  })
}

if (require.main === module) exports.start('getchitty-creds')
