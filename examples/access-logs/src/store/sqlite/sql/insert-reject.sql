insert into loaded_rejects (file, line, reason, text) values (?, ?, ?, ?)
