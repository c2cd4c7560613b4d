// expect: eslint(no-console)
console.log('hello');
