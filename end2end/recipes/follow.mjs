// Follows recipes in a project to the letter: node follow.mjs PROJECT RECIPE …
// A block of Rust goes to the end of the file that the text before it names last, above its unit tests, or becomes that
// file. Of a block of differences in that file, the lines with `-` become those with `+`; the others say where.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const UNIT_TESTS = /\n#\[cfg\(test\)\]\nmod tests \{/;

/** The blocks of a recipe: the file that each is for, its language and its text. */
function blocksOf(recipe) {
  const blocks = [];
  let file;
  for (const part of recipe.split(/^(```[a-z]+\n[\s\S]*?^```)$/m)) {
    const [, language, text] = /^```([a-z]+)\n([\s\S]*)```$/.exec(part) ?? [];
    if (text === undefined) file = [...part.matchAll(/`(src\/[a-z_/]+\.rs)`/g)].at(-1)?.[1] ?? file;
    else if (language !== 'sh') blocks.push({ file, language, text });
  }
  return blocks;
}

/** The text with these lines at its end, or above its unit tests. */
function extended(text, lines) {
  const tests = UNIT_TESTS.exec(text);
  if (!tests) return `${text}\n${lines}`;
  return `${text.slice(0, tests.index)}\n${lines}${text.slice(tests.index)}`;
}

/** The text with a block of differences carried out, which must fit in one place. */
function changed(text, differences) {
  const lines = differences.trimEnd().split('\n');
  const side = (marks) => lines.filter((line) => marks.includes(line[0] ?? ' ')).map((line) => `${line.slice(1)}\n`).join('');
  const [before, after] = [side(' -'), side(' +')];
  const places = `\n${text}`.split(`\n${before}`);
  if (places.length !== 2) throw new Error(`${places.length - 1} places for:\n${differences}`);
  return places.join(`\n${after}`).slice(1);
}

const [project, ...recipes] = process.argv.slice(2);
for (const recipe of recipes) {
  const blocks = blocksOf(readFileSync(recipe, 'utf8'));
  if (blocks.length === 0) throw new Error(`${recipe} has no blocks to follow`);
  for (const { file, language, text } of blocks) {
    const path = join(project, file);
    try {
      if (language === 'rust' && existsSync(path)) writeFileSync(path, extended(readFileSync(path, 'utf8'), text));
      else if (language === 'rust') writeFileSync(path, text);
      else if (language === 'diff') writeFileSync(path, changed(readFileSync(path, 'utf8'), text));
      else throw new Error(`a block of ${language}`);
    } catch (error) {
      throw new Error(`${recipe}, ${file}: ${error.message}`);
    }
  }
  console.log(`${recipe}: ${blocks.length} blocks`);
}
