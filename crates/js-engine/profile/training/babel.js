// Compiles a large program down to old JavaScript.
const { readFileSync } = require('fs');
const { transformSync } = require('@babel/core');
const source = readFileSync(require.resolve('mocha/mocha.js'), 'utf8');
console.log(transformSync(source, { presets: ['@babel/preset-env'], compact: true }).code.length);
