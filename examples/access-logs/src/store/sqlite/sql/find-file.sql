select f.name, f.lines, f.kept, f.rejected, f.broken, whole.name as partOf
from files f
left join files whole on whole.id = f.part_of
where f.sha256 = ?
