insert into loaded_counts (file, day, uri, count) values (?, ?, ?, ?)
