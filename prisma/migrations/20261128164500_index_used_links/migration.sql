-- In whose hand an account was is asked with every decision: the newest link that a member followed.
CREATE INDEX "account_token_used_idx" ON "account_token"("tenant_id", "membership_id", "used_at") WHERE used_at IS NOT NULL;
