// Who may do what: the layer in front has already checked the token and tells the user's name, with a password that
// only the two of them know. Anybody may read; whoever has a name may publish.
module.exports = (settings) => ({
  authenticate: (name, password, done) => done(null, password === settings.password ? [name] : false),
  allow_access: (user, wanted, done) => done(null, true),
  allow_publish: (user, wanted, done) => done(null, Boolean(user.name)),
  allow_unpublish: (user, wanted, done) => done(null, Boolean(user.name)),
});
