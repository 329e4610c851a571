delete from jobport_later where seq in (
  select seq from jobport_later where queue = ?1 and due_at <= ?2 order by due_at, seq limit ?3 + 0
)
