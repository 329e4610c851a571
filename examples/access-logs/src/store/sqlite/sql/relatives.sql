select id, name, lines from files where first_line = ? and part_of is null and kept > 0 order by id
