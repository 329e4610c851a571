copy requests (at, reqtime, file, line, id, level, method, uri) from stdin (format binary)
