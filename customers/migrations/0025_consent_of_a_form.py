"""What a web form's consent is for."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0024_search_near'),
    ]

    operations = [
        migrations.AddField(
            model_name='capturetemplate',
            name='consent_channel',
            field=models.CharField(choices=[('email', 'E-mail'), ('phone', 'Phone'), ('message', 'Message'), ('wechat', 'WeChat'), ('post', 'Post')], default='email', max_length=7, verbose_name='consent is for'),
        ),
        migrations.AddField(
            model_name='capturetemplate',
            name='consent_purpose',
            field=models.CharField(choices=[('marketing', 'Advertising and offers'), ('surveys', 'Surveys'), ('care', 'Greetings and care')], default='marketing', max_length=9, verbose_name='consent is about'),
        ),
    ]
