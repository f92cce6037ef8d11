// Rows: { text, indent, newline, saved } where saved is what npm writes back unchanged, or { text, error: true }.
const { npm, write } = require('./table.cjs')
const parse = npm('json-parse-even-better-errors')

const numbers = [
  '0', '-0', '1', '-1', '1.0', '1.50', '0.1', '1e3', '1E+3', '1e20', '1e21', '123456789012345678901', '1e-6', '1e-7',
  '1.5e-7', '0.000001', '0.0000001', '9007199254740993', '18446744073709551615', '-9223372036854775808', '1.7976931348623157e308',
  '5e-324', '2.2250738585072014e-308', '0.30000000000000004', '123456.789', '1e22', '1.2345e25', '100', '4294967295', '-1.5e-10',
]
const texts = [
  '{}', '[]', '{}\n', '[]\r\n', '{}\n\n', ' {}', '{} ', '{}\r\n\r\n', '\ufeff{\n "a": 1\n}', '\ufeff{}\n',
  '{"a":1}', '{"a":1}\n', '{\n"a":1}', '{\n  "a": 1\n}\n', '{\n    "a": 1\n}', '{\n\t"a": [1, 2, {"b": []}, {}]\n}\n',
  '{\r\n  "a": {\r\n    "b": null\r\n  }\r\n}\r\n', '{\n\n  "a": 1\n}\n', '{\n  \n  "a": 1\n}\n', '{\r\n  \r\n "a": 1\r\n}\n',
  '{\r  "a": 1\r}', '{ \n  "a": 1\n}', '\n{\n "a": 1\n}', '  \n\t{\n   "a": true\n}', '{\n            "a": {"b": 1}\n}',
  '[\n  1\n]\n', '[\n {"a": 1}]', '{\n "a": 1, "a": 2, "b": 3, "a": 4\n}',
  '{\n "b": 1, "10": 1, "2": 2, "01": 3, "a": 4, "0": 5, "4294967295": 6, "4294967294": 7, "-1": 8, "1.5": 9\n}',
  '{\n "x": {"3": 1, "b": {"2": 1, "1": 1}, "1": 2}\n}',
  '{\n "s": "\\u0000\\u001f\\u007f\\u2028\\u00e9 \\b\\f\\n\\r\\t\\/\\\\\\" é 😀 \\ud83d\\ude00"\n}',
  '{\n "__proto__": 1, "constructor": 2, "": 3\n}', ...numbers.map(n => `{\n "n": ${n}\n}`),
  '', ' ', '{', '}', '{"a"}', '{"a":}', '{"a":1,}', '[1,]', "{'a':1}", '{a:1}', '{"a":01}', '{"a":.5}', '{"a":1.}',
  '{"a":+1}', '{"a":"\n"}', '{"a":"\\x"}', '{"a":"\\u12"}', '{"a":tru}', '{"a":NaN}', '// c\n{}', '{} x', '{}{}', '[',
  '"a', 'undefined', '{"a":1 "b":2}', '{"a":"\t"}', '\ufeff\ufeff{}', '{\u00a0}',
]

write('json', texts.map(text => {
  try {
    const value = parse(text)
    const indent = value[Symbol.for('indent')]
    const newline = value[Symbol.for('newline')]
    const saved = `${JSON.stringify(value, null, indent)}\n`.replace(/\n/g, newline)
    return { text, indent, newline, saved }
  } catch {
    return { text, error: true }
  }
}))
