// Code is coloured by weave, when the book is built. mdBook's own script wants this all
// the same.
window.hljs = { configure() {}, highlightBlock() {} };
