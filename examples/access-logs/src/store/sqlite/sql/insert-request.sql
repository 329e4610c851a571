insert into loaded_requests (file, line, at, id, level, method, uri, reqtime) values (?, ?, ?, ?, ?, ?, ?, ?)
