import { Converter, ReflectionKind } from 'typedoc'

/** A typedoc plugin: calls an entry point by the name under which it is imported, not by its file. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = `@jobport/${module.name.replace(/\/src(\/index)?/, '')}`
    }
  })
}
