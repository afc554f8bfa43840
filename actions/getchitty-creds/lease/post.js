// Revokes, after success, failure and cancellation alike, what the main step saved in its state.
'use strict'

require('./main.js').start('getchitty-creds-revoke', true)
