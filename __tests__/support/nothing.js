/** Stands for the modules in `unneeded.js`: a test that comes to one of them fails. */
module.exports = {};
