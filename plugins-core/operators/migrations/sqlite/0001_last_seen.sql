ALTER TABLE `operators_operator` ADD `last_seen_at` integer DEFAULT 0 NOT NULL;
