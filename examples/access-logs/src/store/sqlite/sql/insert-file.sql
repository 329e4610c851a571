insert into files (id, sha256, name, bytes, lines, kept, rejected, broken, first_line, part_of)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
