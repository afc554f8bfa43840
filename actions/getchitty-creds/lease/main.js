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

const START = 200 // milliseconds

function findPython () {
  return NAMES.find(name => spawnSync(name, ['-I', '-S', '-c', NEW_ENOUGH], { stdio: 'ignore' }).status === 0)
}

// `post` is a step that must neither fail the job nor be stopped: it only warns, and starts whatever signal came.
exports.start = function (action, post = false) {
  let child
  let started
  let signalled
  // A Python that is only just starting has no rule for signals yet, and would die of them with a stack.
  const tell = signal => setTimeout(() => child.kill(signal), Math.max(0, started + START - Date.now()))
  const failed = (title, text, code = 1) => {
    console.log(`::${post ? 'warning' : 'error'} title=${title}::${text}`)
    process.exitCode = post ? 0 : code
  }
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      signalled = signal
      if (child) tell(signal)
    })
  }
  const python = findPython()
  if (!python) {
    const lost = post ? ' What was granted is not revoked and stays valid until it expires.' : ''
    failed('Python is missing', `ChittyOps needs Python 3.10 or newer. Add actions/setup-python before it.${lost}`)
    return
  }
  const { INPUT_INPUTS: inputs, ...env } = process.env
  env.CHITTY_INPUTS = inputs || '{}'
  // Signals that came while Python was looked for are delivered first: then nothing new is started at all.
  setImmediate(() => {
    if (signalled && !post) {
      process.exitCode = 130
      return
    }
    child = spawn(python, ['-I', '-S', RUN, action], { env, stdio: ['ignore', 'inherit', 'inherit'] })
    started = Date.now()
    child.on('error', error => failed('Python could not be started', `${error.code}: ${python}`))
    child.on('exit', (code, signal) => {
      if (post && signal) failed('Credentials may be left over', `The revocation was ended by ${signal}.`)
      else process.exitCode = post ? 0 : signal ? 130 : code
    })
  })
}

if (require.main === module) exports.start('getchitty-creds')
