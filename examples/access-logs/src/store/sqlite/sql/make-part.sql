update files set part_of = ?2 where ?1 in (id, part_of)
