insert into files (id, sha256, name, bytes, lines, kept, rejected, broken, first_line, part_of)
overriding system value
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
