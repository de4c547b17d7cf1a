// Writes the documentation of a package for each language, like the back-end of the hub.
//
//   node docs.mjs <folder of the package> <folder to write to>
//
// Run it in the folder whose node_modules contains jsii-docgen.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cwd, env } from 'node:process';

const docgen = createRequire(join(cwd(), 'package.json'))('jsii-docgen');

const LANGUAGES = ['typescript', 'python', 'java', 'csharp', 'go'];

// jsii-docgen adds spans to headings, which the menu of the front-end requires.
env.HEADER_SPAN = 'true';

/** Return the name of an entity without its package: `Service.Initializer.parameter.scope`. */
function nameOf(entity) {
  const prefix = [entity.packageName, entity.submodule].filter(Boolean).join('.');
  if (!entity.id.startsWith(`${prefix}.`)) {
    throw new Error(`${entity.id} is not in ${prefix}`);
  }
  return entity.id.slice(prefix.length + 1);
}

/** Return an anchor without the type, because each type has a separate page. */
function anchorFormatter(entity) {
  const [type, ...members] = nameOf(entity).split('.');
  return (members.join('.') || type).replaceAll(' ', '-');
}

/** Return a link to the page of a type in the same language. */
function linkFormatterFor(language) {
  return (entity) => {
    const [type, ...members] = nameOf(entity).split('.');
    const page = `/packages/${entity.packageName}/v/${entity.packageVersion}/api/${type}`;
    const submodule = entity.submodule ? `&submodule=${entity.submodule}` : '';
    const url = `${page}?lang=${language}${submodule}#${members.join('.')}`;
    return `<a href="${url}">${entity.displayName}</a>`;
  };
}

/** Render the documentation in one language, by file extension. */
async function render(documentation, name) {
  const language = docgen.Language.fromString(name);
  try {
    const json = await documentation.toJson({ readme: true, language, spaces: 0 });
    const linkFormatter = linkFormatterFor(language);
    const markdown = docgen.MarkdownRenderer.fromSchema(json.content, {
      anchorFormatter,
      linkFormatter,
    });
    return { json: json.render(), md: markdown.render() };
  } catch (error) {
    if (error instanceof docgen.LanguageNotSupportedError) {
      return { 'json.not-supported': error.message, 'md.not-supported': error.message };
    }
    throw error;
  }
}

const [source, target] = process.argv.slice(2);
const documentation = await docgen.Documentation.forProject(source);
for (const language of LANGUAGES) {
  for (const [extension, content] of Object.entries(await render(documentation, language))) {
    await writeFile(join(target, `docs-${language}.${extension}`), content);
  }
}
