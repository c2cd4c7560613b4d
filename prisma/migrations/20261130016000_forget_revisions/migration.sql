-- The worker forgets revisions that nobody refers to. What people said of one stays, and so does somebody's last word on each thing that a server ever
-- offered: a revision goes when all that was decided in it was decided again later, whatever the worker says.
GRANT SELECT ("tenant_id", "review_id") ON "review_comment" TO gatehouse_worker;
DROP POLICY "worker_forgets" ON "server_revision";
CREATE POLICY "worker_forgets" ON "server_revision" AS RESTRICTIVE FOR DELETE TO gatehouse_worker USING (current_user <> 'gatehouse_worker' OR (
  (is_drift OR EXISTS (
    SELECT FROM server_revision later WHERE later.tenant_id = server_revision.tenant_id AND later.server_id = server_revision.server_id
      AND NOT later.is_drift AND later.number > server_revision.number))
  AND NOT EXISTS (
    SELECT FROM review v WHERE v.tenant_id = server_revision.tenant_id AND v.revision_id = server_revision.id
      AND (v.state = 'open' OR EXISTS (SELECT FROM review_comment c WHERE c.tenant_id = v.tenant_id AND c.review_id = v.id)))
  AND NOT EXISTS (
    SELECT FROM review v JOIN entry_decision d ON d.tenant_id = v.tenant_id AND d.review_id = v.id AND d.verdict <> 'pending'
    WHERE v.tenant_id = server_revision.tenant_id AND v.revision_id = server_revision.id AND NOT EXISTS (
      SELECT FROM entry_decision again JOIN review w ON w.tenant_id = again.tenant_id AND w.id = again.review_id
      WHERE again.tenant_id = d.tenant_id AND again.server_id = d.server_id AND again.kind = d.kind AND again.name = d.name
        AND again.verdict <> 'pending' AND w.id <> v.id AND w.decided_at > v.decided_at))));
