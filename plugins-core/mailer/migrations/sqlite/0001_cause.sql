ALTER TABLE `mailer_mail` ADD `cause` text DEFAULT 'other' NOT NULL;
