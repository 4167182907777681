import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NotHere } from "../harness/row.ts"
import { needsProgram, runProgram } from "../harness/program.ts"

/** Debian's packages are seen by Debian's Python only, which need not be the first of the path. */
const PYTHONS = [process.env["BENCH_PYTHON"] ?? "python3", "/usr/bin/python3"]

/** The Python that has these modules. @throws NotHere where none has */
function pythonWith(modules: readonly string[]): string {
  for (const python of PYTHONS) {
    try {
      needsProgram([python, "-c", `import ${modules.join(", ")}`], modules.join(" or "))
      return python
    } catch (error) {
      if (!(error instanceof NotHere)) throw error
    }
  }
  throw new NotHere(`no Python here has ${modules.join(" and ")}`)
}

export interface DjangoOptions {
  /** Beside Django itself. */
  readonly modules?: readonly string[]
  /** The class of STATICFILES_STORAGE. */
  readonly storage: string
  readonly source: string
  readonly target: string
  /** More settings, as lines of Python. */
  readonly settings?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** A project of one setting after the other. @returns a function that runs `collectstatic` in it */
export function djangoProject(folder: string, options: DjangoOptions): () => ReturnType<typeof runProgram> {
  const python = pythonWith(["django", ...(options.modules ?? [])])
  mkdirSync(folder, { recursive: true })
  const settings = {
    SECRET_KEY: "bench",
    INSTALLED_APPS: ["django.contrib.staticfiles"],
    STATIC_URL: "/static/",
    STATIC_ROOT: options.target,
    STATICFILES_DIRS: [options.source],
    STATICFILES_STORAGE: options.storage,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  // Django 4.2 and later; the older name is an error from 5.1 on.
  const newer = [
    "import django",
    "if django.VERSION >= (4, 2):",
    "    STORAGES = {'staticfiles': {'BACKEND': STATICFILES_STORAGE}, 'default': {'BACKEND': 'django.core.files.storage.FileSystemStorage'}}",
    "    del STATICFILES_STORAGE",
  ]
  writeFileSync(join(folder, "settings.py"), `${[...lines, ...newer, ...(options.settings ?? [])].join("\n")}\n`)
  const environment = { ...options.environment, DJANGO_SETTINGS_MODULE: "settings", PYTHONPATH: folder }
  const command = [python, "-m", "django", "collectstatic", "--noinput", "--verbosity", "0"]
  return () => runProgram(command, { environment, folder })
}
