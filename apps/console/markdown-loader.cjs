/** Makes a module of a document: its text. */
module.exports = (source) => `export default ${JSON.stringify(source)};`;
