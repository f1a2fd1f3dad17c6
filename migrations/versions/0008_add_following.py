"""add what is followed, put aside, named, doubted and taken back"""

import sqlalchemy as sa
from alembic import op
from peerqa.database import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bookmark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_bookmark_member_id')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_bookmark_post_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bookmark')),
    sa.UniqueConstraint('member_id', 'post_id', name=op.f('uq_bookmark_member_id_post_id'))
    )
    op.create_index('ix_bookmark_post_id', 'bookmark', ['post_id'], unique=False)


    op.create_table('deletion',
    sa.Column('post_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('deleted_by_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('was_accepted', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['deleted_by_id'], ['member.id'], name=op.f('fk_deletion_deleted_by_id')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_deletion_post_id')),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_deletion'))
    )
    op.create_index('ix_deletion_deleted_by_id', 'deletion', ['deleted_by_id'], unique=False)


    op.create_table('mention',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_mention_member_id')),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_mention_post_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mention')),
    sa.UniqueConstraint('post_id', 'member_id', name=op.f('uq_mention_post_id_member_id'))
    )
    op.create_index('ix_mention_member_id', 'mention', ['member_id'], unique=False)


    op.create_table('follow',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=True),
    sa.Column('topic_id', sa.Integer(), nullable=True),
    sa.Column('space_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_follow_member_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_follow_question_id')),
    sa.ForeignKeyConstraint(['space_id'], ['space.id'], name=op.f('fk_follow_space_id')),
    sa.ForeignKeyConstraint(['topic_id'], ['topic.id'], name=op.f('fk_follow_topic_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow')),
    sa.UniqueConstraint('member_id', 'question_id', name=op.f('uq_follow_member_id_question_id')),
    sa.UniqueConstraint('member_id', 'space_id', name=op.f('uq_follow_member_id_space_id')),
    sa.UniqueConstraint('member_id', 'topic_id', name=op.f('uq_follow_member_id_topic_id'))
    )
    op.create_index('ix_follow_question_id', 'follow', ['question_id'], unique=False)
    op.create_index('ix_follow_space_id', 'follow', ['space_id'], unique=False)
    op.create_index('ix_follow_topic_id', 'follow', ['topic_id'], unique=False)


    op.create_table('doubt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('answer_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('settled_at', UtcDateTime(), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_doubt_answer_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_doubt_member_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['member.id'], name=op.f('fk_doubt_settled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_doubt'))
    )
    op.create_index('ix_doubt_member_id', 'doubt', ['member_id'], unique=False)
    op.create_index('uq_doubt_open', 'doubt', ['answer_id', 'member_id'], unique=True, sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))


    op.add_column('question', sa.Column('accepted_by_steward', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('question', sa.Column('nudged_at', UtcDateTime(), nullable=True))



def downgrade() -> None:

    op.drop_column('question', 'nudged_at')
    op.drop_column('question', 'accepted_by_steward')


    op.drop_index('uq_doubt_open', table_name='doubt', sqlite_where=sa.text('settled_at IS NULL'), postgresql_where=sa.text('settled_at IS NULL'))
    op.drop_index('ix_doubt_member_id', table_name='doubt')


    op.drop_table('doubt')
    op.drop_index('ix_follow_topic_id', table_name='follow')
    op.drop_index('ix_follow_space_id', table_name='follow')
    op.drop_index('ix_follow_question_id', table_name='follow')


    op.drop_table('follow')
    op.drop_index('ix_mention_member_id', table_name='mention')


    op.drop_table('mention')
    op.drop_index('ix_deletion_deleted_by_id', table_name='deletion')


    op.drop_table('deletion')
    op.drop_index('ix_bookmark_post_id', table_name='bookmark')


    op.drop_table('bookmark')
