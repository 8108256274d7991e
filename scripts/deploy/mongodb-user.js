// Runs once, on an empty volume: makes the user of the service, who may read and write its database and nothing else.
const { readFileSync } = require('node:fs');

db.getSiblingDB('masker').createUser({
  user: 'masker',
  pwd: readFileSync('/run/secrets/mongodb_password', 'utf8').trim(),
  roles: [{ role: 'readWrite', db: 'masker' }],
});
