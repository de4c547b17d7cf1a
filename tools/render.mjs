// Lay out a graph with Graphviz: `node render.mjs MODULES < graph.json > picture.svg`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.argv[2];
const library = join(modules, '@hpcc-js', 'wasm-graphviz', 'dist', 'index.js');
const { Graphviz } = await import(pathToFileURL(library).href);
const { dot, images } = JSON.parse(readFileSync(0, 'utf8'));
const graphviz = await Graphviz.load();
process.stdout.write(graphviz.dot(dot, 'svg', { images }));
